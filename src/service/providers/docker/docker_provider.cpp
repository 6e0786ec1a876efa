#include "service/providers/docker/docker_provider.hpp"

#include "service/providers/docker/container_spec.hpp"
#include "service/providers/docker/engine.hpp"
#include "service/providers/docker/key_files.hpp"
#include "service/providers/support/installation_mark.hpp"
#include "service/providers/support/user_data.hpp"
#include "service/remote/answer.hpp"
#include "service/runtime/blocking.hpp"
#include "service/ssh/readiness.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

namespace drukbox::service::docker {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

// How often a container that SSH does not answer in is looked at.
constexpr std::chrono::seconds look_interval{1};

constexpr Capabilities abilities{.instance_type = true, .mints_key = true, .replaces_key = true};

class DockerProvider final : public Provider
{
public:
    DockerProvider(asio::any_io_executor reactor, asio::thread_pool& blocking, DockerSettings settings)
        : blocking_(blocking)
        , settings_(std::move(settings))
        , engine_(std::move(reactor), settings_)
    {
    }

    [[nodiscard]] std::string_view name() const noexcept override { return "docker"; }

    [[nodiscard]] Capabilities capabilities() const noexcept override { return abilities; }

    [[nodiscard]] std::string default_image() const override { return settings_.default_image; }

    [[nodiscard]] MachineSizes default_sizes() const override
    {
        return {default_instance_type(settings_), std::nullopt};
    }

    [[nodiscard]] std::string_view hint() const noexcept override { return "check_docker_daemon_is_running"; }

    [[nodiscard]] std::vector<std::string> warnings() const override;
    [[nodiscard]] asio::awaitable<Vm> create(VmSpec spec) override;
    [[nodiscard]] asio::awaitable<void> wait_until_reachable(const Vm& vm) override;
    [[nodiscard]] asio::awaitable<void> remove(std::string name) override;
    [[nodiscard]] asio::awaitable<void> set_deadline(std::string name,
                                                     std::optional<wire::Timestamp> deadline) override;
    [[nodiscard]] asio::awaitable<void> replace_key(std::string name, std::string authorized_key) override;
    [[nodiscard]] asio::awaitable<std::vector<VmSummary>> list() override;
    [[nodiscard]] asio::awaitable<Diagnosis> diagnose() override;

private:
    [[nodiscard]] asio::awaitable<Account> account(std::string id);
    [[nodiscard]] asio::awaitable<std::string> running_container(std::string name);
    [[nodiscard]] asio::awaitable<void> refuse_when_ended(std::string name);

    asio::thread_pool& blocking_;
    DockerSettings settings_;
    Engine engine_;
    /// By host name, until SSH answers: what a container's last words must not repeat.
    std::map<std::string, std::vector<Redacted>> secrets_;
};

std::vector<std::string> DockerProvider::warnings() const
{
    std::vector<std::string> found;
    std::error_code ignored;
    if (const auto& socket = settings_.endpoint.unix_socket;
        !socket.empty() && !std::filesystem::exists(socket, ignored)) {
        found.push_back("no engine listens at " + settings_.endpoint.name());
    }
    return found;
}

asio::awaitable<Vm> DockerProvider::create(VmSpec spec)
{
    auto body = container_spec(settings_, spec);
    secrets_[spec.name] = secrets_of(spec);
    auto read_setup = [path = settings_.setup_script] { return read_setup_script(path); };
    std::string setup;
    if (!settings_.setup_script.empty()) {
        setup = co_await run_blocking(blocking_, std::move(read_setup));
    }
    const std::string id = co_await engine_.create(spec, std::move(body));
    const Account user = co_await account(id);
    co_await engine_.upload(id, boot_archive(spec, user, setup));
    co_await engine_.start(id);
    const ContainerState state = co_await engine_.inspect(id);
    if (!state.running) {
        co_await refuse_when_ended(spec.name);
    }
    if (state.ssh_port == 0) {
        throw MalformedAnswer("docker", "published no port for the container");
    }
    Vm vm;
    vm.name = spec.name;
    vm.ssh_host = "127.0.0.1";
    vm.ssh_port = state.ssh_port;
    vm.ssh_username = settings_.ssh_username;
    vm.host_key = spec.host_public_key;
    vm.known_hosts = ssh::known_hosts_line({vm.ssh_host, vm.ssh_port}, vm.host_key);
    co_return vm;
}

asio::awaitable<void> DockerProvider::wait_until_reachable(const Vm& vm)
{
    const ssh::Address address{vm.ssh_host, vm.ssh_port};
    const std::string name = vm.name;
    const std::string host_key = vm.host_key;
    const auto until = Clock::now() + settings_.ready_timeout;
    for (bool answered = false; !answered;) {
        const bool last = Clock::now() + look_interval >= until;
        std::string problem;
        try {
            co_await ssh::wait_for_ssh(blocking_, address, host_key,
                                       last ? until : Clock::now() + look_interval);
            answered = true;
        } catch (const ssh::HostKeyDiffers& error) {
            throw ProviderError(error.what());
        } catch (const ssh::NotReachable& error) {
            problem = error.what();
        }
        if (!answered) {
            co_await refuse_when_ended(name);
            if (last) {
                throw ProviderError(problem);
            }
        }
    }
    secrets_.erase(name);
}

asio::awaitable<void> DockerProvider::remove(std::string name)
{
    secrets_.erase(name);
    const auto containers = co_await engine_.list(std::move(name));
    for (const auto& container : containers) {
        co_await engine_.remove(container.id);
    }
}

asio::awaitable<void> DockerProvider::set_deadline(std::string name, std::optional<wire::Timestamp>)
{
    // A container has no end of its own; but one that is gone has no lease to move.
    static_cast<void>(co_await running_container(std::move(name)));
}

asio::awaitable<void> DockerProvider::replace_key(std::string name, std::string authorized_key)
{
    const std::string id = co_await running_container(std::move(name));
    const Account user = co_await account(id);
    co_await engine_.upload(id, key_archive(authorized_key, user));
}

asio::awaitable<std::vector<VmSummary>> DockerProvider::list()
{
    const auto containers = co_await engine_.list();
    std::vector<VmSummary> result;
    for (const auto& container : containers) {
        const InstallationMark mark{container.installation, settings_.installation};
        result.emplace_back(container.name, container.running, mark.is_ours);
    }
    co_return result;
}

asio::awaitable<Diagnosis> DockerProvider::diagnose()
{
    Diagnosis result;
    result.detail = "docker server " + co_await engine_.version();
    result.ok = true;
    co_return result;
}

/// The user whom SSH lets in. Root's home is known; anybody else's is read from the image.
asio::awaitable<Account> DockerProvider::account(std::string id)
{
    if (settings_.ssh_username == "root") {
        co_return Account{};
    }
    const std::string users = co_await engine_.download(std::move(id), "/etc/passwd");
    co_return find_account(users, settings_.ssh_username);
}

asio::awaitable<std::string> DockerProvider::running_container(std::string name)
{
    const auto containers = co_await engine_.list(name);
    const auto found = std::ranges::find_if(containers, [](const auto& one) { return one.running; });
    if (found == containers.end()) {
        throw VmNotFound(name);
    }
    co_return found->id;
}

/// Throws what the container printed last, when it has ended.
asio::awaitable<void> DockerProvider::refuse_when_ended(std::string name)
{
    const auto containers = co_await engine_.list(name);
    if (containers.empty()) {
        throw VmNotFound(name);
    }
    const std::string id = containers.front().id;
    const ContainerState state = co_await engine_.inspect(id);
    if (state.running) {
        co_return;
    }
    const std::string text = co_await engine_.log_tail(id);
    throw ProviderError("the container ended with exit code " + std::to_string(state.exit_code) + ": " +
                        presentable(text, secrets_[name]));
}

} // namespace

std::unique_ptr<Provider> make_docker_provider(asio::any_io_executor reactor, asio::thread_pool& blocking,
                                               DockerSettings settings)
{
    return std::make_unique<DockerProvider>(std::move(reactor), blocking, std::move(settings));
}

std::optional<ProviderMaker> configure(const Environment& environment, const ProviderBasics& basics)
{
    auto settings = DockerSettings::load(environment, basics.service_label);
    if (basics.default_provider != "docker" && !environment.text("DOCKER_HOST") &&
        !environment.text("DOCKER_DEFAULT_IMAGE")) {
        return std::nullopt;
    }
    return [settings](asio::any_io_executor reactor, asio::thread_pool& blocking,
                      const std::string& installation) {
        auto marking = settings;
        marking.installation = installation;
        return make_docker_provider(std::move(reactor), blocking, std::move(marking));
    };
}

} // namespace drukbox::service::docker
