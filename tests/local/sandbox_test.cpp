#include "local/sandbox_test.hpp"

#include "keeper/config.hpp"
#include "posix/file.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace drukbox::test {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path)
{
    return posix::read_file(AT_FDCWD, path);
}

std::string trimmed(std::string text)
{
    while (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    return text;
}

void make_key(const fs::path& path)
{
    const Outcome made =
        run_command({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path.string()});
    if (made.exit_code != 0) {
        throw std::runtime_error(made.err);
    }
}

/// Where the build put something, unless it was copied for a user who cannot see the build.
std::string place(const char* variable, const char* built)
{
    const char* const moved = std::getenv(variable);
    return moved != nullptr ? moved : built;
}

std::string random_name()
{
    const std::string id = read("/proc/sys/kernel/random/uuid");
    return "sb-" + id.substr(24, 12);
}

std::vector<int> all_processes()
{
    std::vector<int> pids;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        if (const int pid = std::atoi(entry.path().filename().c_str()); pid > 0) {
            pids.push_back(pid);
        }
    }
    return pids;
}

/// The file of a process that may end at any moment; empty then.
std::string process_file(int pid, const char* name)
{
    try {
        return read("/proc/" + std::to_string(pid) + "/" + name);
    } catch (const std::system_error&) {
        return {};
    }
}

} // namespace

std::string attacker_program()
{
    return posix::read_file(AT_FDCWD, place("DRUKBOX_TEST_DIR", DRUKBOX_TEST_DIR) + "/drukbox-attacker");
}

TemporaryDirectory::TemporaryDirectory(const fs::path& in)
{
    std::string pattern = in / "drukbox-test-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw posix::failure(pattern);
    }
    path = pattern;
    ::chmod(pattern.c_str(), 0755);
}

TemporaryDirectory::~TemporaryDirectory()
{
    std::error_code ignored;
    fs::remove_all(path, ignored);
}

SandboxTest::SandboxTest()
{
    client_key_ = files_.path / "client_key";
    make_key(client_key_);
    settings_.state_dir = files_.path / "state";
    settings_.program_dir = place("DRUKBOX_PROGRAM_DIR", DRUKBOX_PROGRAM_DIR);
    settings_.ready_timeout_seconds = 90; // as slow as the machine may be
    settings_.memory_mb = 512;
    settings_.pids = 128;
    settings_.home_mb = 64;
    settings_.tmp_mb = 32;
    restart_service();
}

SandboxTest::~SandboxTest()
{
    for (const auto& [name, running] : list()) {
        remove(name);
    }
    provider_.reset();
    blocking_.join();
}

void SandboxTest::restart_service()
{
    provider_ = service::local::make_local_provider(reactor_.get_executor(), blocking_, settings_);
}

service::VmSpec SandboxTest::spec()
{
    service::VmSpec spec;
    spec.name = random_name();
    spec.image = "host";
    const fs::path host_key = files_.path / (spec.name + "_host_key");
    make_key(host_key);
    spec.host_key = service::Redacted{read(host_key)};
    spec.host_public_key = trimmed(read(host_key.string() + ".pub"));
    spec.authorized_key = trimmed(read(client_key_ + ".pub"));
    return spec;
}

service::Vm SandboxTest::create()
{
    return create(spec());
}

service::Vm SandboxTest::create(service::VmSpec spec)
{
    service::Vm vm = run(provider_->create(std::move(spec)));
    reach(vm);
    return vm;
}

void SandboxTest::reach(const service::Vm& vm)
{
    auto task = [](service::Provider& provider, const service::Vm& machine) -> boost::asio::awaitable<bool> {
        co_await provider.wait_until_reachable(machine);
        co_return true;
    };
    run(task(*provider_, vm));
    std::ofstream{files_.path / (vm.name + "_known_hosts")} << vm.known_hosts;
}

void SandboxTest::remove(const std::string& name)
{
    auto task = [](service::Provider& provider, std::string machine) -> boost::asio::awaitable<bool> {
        co_await provider.remove(std::move(machine));
        co_return true;
    };
    run(task(*provider_, name));
}

boost::asio::awaitable<bool> SandboxTest::set_deadline(std::string name,
                                                       std::optional<wire::Timestamp> deadline)
{
    co_await provider_->set_deadline(std::move(name), deadline);
    co_return true;
}

std::map<std::string, bool> SandboxTest::list()
{
    std::map<std::string, bool> names;
    for (const service::VmSummary& vm : run(provider_->list())) {
        names[vm.name] = vm.running;
    }
    return names;
}

std::vector<std::string> SandboxTest::client(const std::string& program, const service::Vm& vm)
{
    return {program,
            "-F",
            "none",
            "-i",
            client_key_,
            program == "ssh" ? "-p" : "-P",
            std::to_string(vm.ssh_port),
            "-o",
            "BatchMode=yes",
            "-o",
            "IdentitiesOnly=yes",
            "-o",
            "LogLevel=ERROR",
            "-o",
            "StrictHostKeyChecking=yes",
            "-o",
            "UserKnownHostsFile=" + (files_.path / (vm.name + "_known_hosts")).string(),
            "-o",
            "GlobalKnownHostsFile=none"};
}

Outcome SandboxTest::ssh(const service::Vm& vm, const std::vector<std::string>& command,
                         const std::string& input)
{
    std::vector<std::string> words = client("ssh", vm);
    words.push_back(vm.ssh_username + "@" + vm.ssh_host);
    words.insert(words.end(), command.begin(), command.end());
    return run_command(words, input);
}

int SandboxTest::keeper_pid(const std::string& name)
{
    for (const int pid : all_processes()) {
        const std::string words = process_file(pid, "cmdline");
        if (words.find("drukbox-keeper") != std::string::npos && words.find(name) != std::string::npos) {
            return pid;
        }
    }
    return 0;
}

std::vector<std::string> SandboxTest::cgroups(const std::string& name)
{
    return keeper::Config::parse(read(directory(name) / "keeper.conf")).cgroups;
}

std::string SandboxTest::cpu_group(const std::string& name)
{
    return keeper::Config::parse(read(directory(name) / "keeper.conf")).cpu_group;
}

bool SandboxTest::has_uids()
{
    const std::string detail = run(provider_->diagnose()).detail;
    return detail.find("a uid each") != std::string::npos;
}

int SandboxTest::first_process(const service::Vm& vm)
{
    for (const int pid : process_tree(keeper_pid(vm.name))) {
        if (status_of(pid)["Name"] == "guest") {
            return pid;
        }
    }
    return 0;
}

std::vector<int> SandboxTest::process_tree(int root)
{
    std::vector<int> tree{root};
    std::map<int, int> parents;
    for (const int pid : all_processes()) {
        const std::string stat = process_file(pid, "stat");
        if (const auto at = stat.rfind(") "); at != std::string::npos) {
            parents[pid] = std::atoi(stat.c_str() + at + 4);
        }
    }
    for (std::size_t i = 0; i < tree.size(); ++i) {
        for (const auto& [pid, parent] : parents) {
            if (parent == tree[i]) {
                tree.push_back(pid);
            }
        }
    }
    return tree;
}

bool SandboxTest::all_gone(const std::vector<int>& processes)
{
    return eventually([&] {
        reactor_.restart();
        reactor_.poll();
        return std::none_of(processes.begin(), processes.end(), process_exists);
    });
}

bool eventually(const std::function<bool()>& condition, std::chrono::seconds patience)
{
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return true;
}

std::map<std::string, std::string> status_of(int pid)
{
    std::ifstream file{"/proc/" + std::to_string(pid) + "/status"};
    std::map<std::string, std::string> fields;
    for (std::string line; std::getline(file, line);) {
        const auto colon = line.find(':');
        const auto first = line.find_first_not_of(" \t", colon + 1);
        const auto last = line.find_last_not_of(" \t");
        fields[line.substr(0, colon)] =
            first == std::string::npos ? std::string{} : line.substr(first, last + 1 - first);
    }
    return fields;
}

bool process_exists(int pid)
{
    return ::kill(pid, 0) == 0 || errno == EPERM;
}

std::string process_state(int pid)
{
    const std::string stat = process_file(pid, "stat");
    const auto at = stat.rfind(") ");
    return at == std::string::npos ? std::string{} : stat.substr(at + 2, 1);
}

std::string process_name(int pid)
{
    return trimmed(process_file(pid, "comm"));
}

} // namespace drukbox::test
