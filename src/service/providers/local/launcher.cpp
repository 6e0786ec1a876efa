#include "service/providers/local/launcher.hpp"

#include "keeper/config.hpp"
#include "keeper/layout.hpp"
#include "posix/file.hpp"
#include "service/providers/local/bwrap_arguments.hpp"
#include "service/providers/local/image.hpp"
#include "service/providers/local/sandbox_directory.hpp"
#include "service/providers/local/sandbox_etc.hpp"
#include "service/providers/local/seccomp_filter.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace drukbox::service::local {
namespace {

namespace fs = std::filesystem;

std::string join(const std::vector<std::string>& list, const char* separator)
{
    std::string text;
    for (const std::string& item : list) {
        text += (text.empty() ? "" : separator) + item;
    }
    return text;
}

/// For the kernel's and bwrap's interfaces: every item ended by a NUL.
std::string nul_separated(const std::vector<std::string>& list)
{
    std::string text;
    for (const std::string& item : list) {
        text.append(item).push_back('\0');
    }
    return text;
}

void check_environment(const VmSpec& spec)
{
    for (const auto& [name, value] : spec.env) {
        if (name.empty() || name.find_first_of(std::string_view{"=\0", 2}) != std::string::npos) {
            throw ProviderError("env has a name that cannot be carried");
        }
        if (value.reveal().find('\0') != std::string::npos) {
            throw ProviderError("env " + name + " holds a NUL byte, which cannot be carried");
        }
    }
}

/// What the acceptor is to be: see guest/acceptor.hpp.
std::vector<std::string> guest_command(const Image& image, const LocalSettings& settings,
                                       const Cgroups& cgroups)
{
    // Where no cgroup counts all of it, at least no single process has more.
    const std::uint64_t data_bytes = cgroups.holds("memory") ? 0 : settings.memory_mb << 20U;
    std::vector<std::string> command{"/etc/drukbox/guest",
                                     "acceptor",
                                     std::to_string(keeper::channel_fd),
                                     std::to_string(keeper::started_fd),
                                     std::to_string(settings.pids),
                                     std::to_string(data_bytes)};
    command.insert(command.end(), image.sshd_command.begin(), image.sshd_command.end());
    command.insert(command.end(), {"-i", "-f", "/etc/drukbox/sshd_config"});
    return command;
}

void make_private_directories(const fs::path& path)
{
    std::error_code error;
    if (fs::is_directory(path, error)) {
        return;
    }
    make_private_directories(path.parent_path());
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        throw posix::failure(path);
    }
}

} // namespace

Launcher::Launcher(LocalSettings settings)
    : settings_(std::move(settings))
    , sandboxes_(settings_.state_dir / "sandboxes")
    , root_(::geteuid() == 0)
    , uids_(settings_)
{
}

const Cgroups& Launcher::cgroups()
{
    std::call_once(cgroups_once_, [this] { cgroups_ = Cgroups::detect(); });
    return *cgroups_;
}

const std::string& Launcher::seccomp_filter()
{
    std::call_once(filter_once_, [this] { filter_ = compile_seccomp_filter(); });
    return filter_;
}

Programs Launcher::find_programs()
{
    Programs programs = Programs::find(settings_);
    if (programs.bwrap.empty() || bwrap_binds_descriptors_) {
        return programs;
    }
    try {
        if (const std::string complaint = complaint_about_bwrap(programs.bwrap); complaint.empty()) {
            bwrap_binds_descriptors_ = true;
        } else {
            programs.missing.push_back(complaint);
        }
    } catch (const std::system_error& error) {
        programs.missing.push_back(std::string{"cannot run "} + error.what());
    }
    return programs;
}

Limits Launcher::limits() const
{
    Limits limits;
    limits.memory_mb = settings_.memory_mb;
    limits.pids = settings_.pids;
    limits.cpus = settings_.cpus;
    return limits;
}

KeeperProcess Launcher::launch(const VmSpec& spec)
{
    check_environment(spec);
    const Programs programs = find_programs();
    if (!programs.missing.empty()) {
        throw ProviderError(join(programs.missing, "; "));
    }
    try {
        return launch_unchecked(spec, programs);
    } catch (const std::system_error& error) {
        throw ProviderError(std::string{"cannot prepare the sandbox: "} + error.what());
    }
}

KeeperProcess Launcher::launch_unchecked(const VmSpec& spec, const Programs& programs)
{
    const Image image = Image::open(spec.image, settings_.image_dirs);
    make_private_directories(sandboxes_);
    SandboxDirectory directory = SandboxDirectory::create(sandboxes_, spec.name);
    keeper::Config config;
    const UidClaim uid = uids_.claim(programs, config);

    posix::make_directory(directory.get(), keeper::etc_directory, 0755);
    const posix::UniqueFd etc =
        posix::open_at(directory.get(), keeper::etc_directory, O_RDONLY | O_DIRECTORY);
    const std::vector<std::string> bound = write_sandbox_etc(etc.get(), image, spec, settings_, uid.uid != 0);

    config.name = spec.name;
    if (spec.deadline) {
        config.deadline = spec.deadline->time_since_epoch().count();
    }
    config.bwrap = programs.bwrap;
    config.slirp4netns = programs.slirp4netns;
    const CgroupPlan groups = cgroups().plan(spec.name, limits());
    config.cgroups = groups.directories;
    config.cpu_group = groups.cpu;
    config.guest_command = guest_command(image, settings_, cgroups());

    const posix::UniqueFd guest = posix::open_at(AT_FDCWD, programs.guest, O_PATH);
    const BwrapArguments arguments =
        BwrapArguments::of(spec.name, image, etc.get(), guest.get(), bound, settings_);
    config.sources = static_cast<unsigned>(arguments.sources.size());
    config.remounts = arguments.remounts;
    posix::write_file(directory.get(), keeper::bwrap_arguments_file, nul_separated(arguments.words), 0600);
    posix::write_file(directory.get(), keeper::seccomp_file, seccomp_filter(), 0600);
    // Before the groups are made, so that whoever cleans up after a crash knows of them.
    posix::write_file(directory.get(), keeper::config_file, config.format(), 0600);
    groups.carry_out();

    KeeperProcess keeper =
        KeeperProcess::start(programs.keeper, directory, spec.name, uid, arguments.sources);
    directory.release();
    return keeper;
}

std::string Launcher::describe_limits(const keeper::Config& user)
{
    const Cgroups& groups = cgroups();
    std::vector<std::string> parts;
    const std::string memory = std::to_string(settings_.memory_mb) + "MB";
    if (settings_.memory_mb == 0) {
        parts.emplace_back("memory unlimited");
    } else if (groups.holds("memory")) {
        parts.push_back("memory=" + memory);
    } else {
        parts.push_back("memory NOT limited as a whole (" + memory + " a process)");
    }
    parts.push_back(settings_.pids == 0 ? "pids unlimited" : "pids=" + std::to_string(settings_.pids));
    if (settings_.cpus <= 0) {
        parts.emplace_back("cpu unlimited");
    } else {
        parts.push_back(groups.holds("cpu") ? "cpus=" + std::to_string(settings_.cpus).substr(0, 4)
                                            : "cpu NOT limited");
    }
    parts.push_back("home=" + std::to_string(settings_.home_mb) + "MB");
    parts.push_back("tmp=" + std::to_string(settings_.tmp_mb) + "MB");
    return join(parts, " ") + " (" + groups.name() + (user.uid != 0 ? ", a uid each)" : ", one uid for all)");
}

std::string Launcher::describe_sharing()
{
    if (cgroups().holds("cpu")) {
        return "processors shared equally by the sandboxes, with more for the service";
    }
    std::string text =
        "processors NOT shared equally, since no cpu cgroup can be made here: a busy sandbox slows "
        "the others down, and all have a lower priority than the service";
    if (cgroups().sessions_share()) {
        text += ", which the kernel heeds within a session only: kernel.sched_autogroup_enabled is 1";
    }
    return text;
}

Diagnosis Launcher::diagnose()
{
    Diagnosis diagnosis;
    const Programs programs = find_programs();
    if (!programs.missing.empty()) {
        diagnosis.detail = join(programs.missing, "; ");
        return diagnosis;
    }
    try {
        if (settings_.isolation == Isolation::strict) {
            if (const std::string complaint = uids_.complaint(programs); !complaint.empty()) {
                diagnosis.detail = "LOCAL_ISOLATION is strict, and " + complaint;
                return diagnosis;
            }
        }
        keeper::Config config;
        config.bwrap = programs.bwrap;
        uids_.lend(programs, config);
        std::vector<std::string> command{programs.keeper, "--probe", config.format()};
        for (std::string& argument : bwrap_probe_arguments()) {
            command.push_back(std::move(argument));
        }
        const Outcome outcome = Outcome::of(command, std::chrono::milliseconds{4000});
        diagnosis.ok = outcome.exit_code == 0;
        const std::string complaint = outcome.output.substr(0, outcome.output.find('\n'));
        diagnosis.detail = diagnosis.ok
                               ? "bwrap works; " + describe_limits(config) + "; " + describe_sharing()
                               : "bwrap does not work here: " + complaint;
    } catch (const std::system_error& error) {
        diagnosis.detail = error.what();
    }
    return diagnosis;
}

std::vector<std::string> Launcher::warnings()
{
    const Programs programs = find_programs();
    std::vector<std::string> list = programs.missing;
    if (list.empty()) {
        if (const std::string complaint = uids_.complaint(programs); !complaint.empty()) {
            list.push_back(settings_.isolation == Isolation::strict
                               ? "no sandbox can be made: LOCAL_ISOLATION is strict, and " + complaint
                               : "all sandboxes share this user's uid, and can use up what the kernel counts "
                                 "by it: " +
                                     complaint);
        }
    }
    if (settings_.memory_mb != 0 && !cgroups().holds("memory")) {
        list.emplace_back(
            "LOCAL_MEMORY_MB holds for single processes only: no memory cgroup can be made here");
    }
    if (settings_.pids != 0 && !cgroups().holds("pids") && root_) {
        list.emplace_back("LOCAL_PIDS holds by RLIMIT_NPROC only: no pids cgroup can be made here");
    }
    if (settings_.cpus > 0 && !cgroups().holds("cpu")) {
        list.emplace_back("LOCAL_CPUS does not hold: no cpu cgroup can be made here");
    }
    if (!cgroups().holds("cpu")) {
        list.push_back(describe_sharing());
    }
    if (settings_.network == Network::nat && settings_.dns.empty() && find_nameservers().empty()) {
        list.emplace_back("no name server that a sandbox may reach: set LOCAL_DNS");
    }
    return list;
}

} // namespace drukbox::service::local
