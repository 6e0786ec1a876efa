#include "service/providers/exe/exe_provider.hpp"

#include "service/providers/exe/answers.hpp"
#include "service/providers/exe/command_endpoint.hpp"
#include "service/providers/exe/proxies.hpp"
#include "service/providers/support/cloud_ssh.hpp"
#include "service/providers/support/installation_mark.hpp"
#include "service/providers/support/shell.hpp"

#include <utility>

namespace drukbox::service::exe {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr Capabilities abilities{.one_line_env = true, .setup_script = true};

class ExeProvider final : public Provider
{
public:
    ExeProvider(asio::any_io_executor reactor, asio::thread_pool& blocking, ExeSettings settings)
        : blocking_(blocking)
        , settings_(std::move(settings))
        , tag_("managed-by-" + settings_.service_label)
        , endpoint_(std::move(reactor), settings_)
        , proxies_(endpoint_)
    {
    }

    [[nodiscard]] std::string_view name() const noexcept override { return provider_name; }

    [[nodiscard]] Capabilities capabilities() const noexcept override { return abilities; }

    [[nodiscard]] std::string default_image() const override { return settings_.default_image; }

    [[nodiscard]] std::string_view hint() const noexcept override
    {
        return "check_exe_dev_api_token_and_url";
    }

    [[nodiscard]] asio::awaitable<Vm> create(VmSpec spec) override;

    [[nodiscard]] asio::awaitable<void> wait_until_reachable(const Vm&) override
    {
        // Its host keys have been read: SSH answers.
        co_return;
    }

    [[nodiscard]] asio::awaitable<void> remove(std::string name) override;
    [[nodiscard]] asio::awaitable<void> set_deadline(std::string name,
                                                     std::optional<wire::Timestamp> deadline) override;
    [[nodiscard]] asio::awaitable<std::vector<VmSummary>> list() override;
    [[nodiscard]] asio::awaitable<Diagnosis> diagnose() override;

    [[nodiscard]] HttpProxyCapability* http_proxies() noexcept override { return &proxies_; }

private:
    [[nodiscard]] CommandLine new_command(const VmSpec& spec) const;
    [[nodiscard]] asio::awaitable<std::optional<ListedVm>> look(std::string name);

    [[nodiscard]] InstallationMark mark_of(const ListedVm& vm) const
    {
        return {vm.installation, settings_.installation};
    }

    asio::thread_pool& blocking_;
    ExeSettings settings_;
    std::string tag_;
    CommandEndpoint endpoint_;
    Proxies proxies_;
};

CommandLine ExeProvider::new_command(const VmSpec& spec) const
{
    CommandLine command{"new --json"};
    command.option("--name", spec.name).option("--image", spec.image);
    if (!spec.setup_script.empty()) {
        command.script_option("--setup-script", with_exports(spec.setup_script.reveal(), spec.env));
    }
    if (!settings_.installation.empty()) {
        command.option("--tag", installation_tag(settings_.installation));
    }
    command.option("--tag", tag_).word("--no-email");
    for (const auto& [name, value] : spec.env) {
        refuse_line_breaks(value, "the value of the variable " + name);
        command.word("--env").secret_word(name + "=" + value.reveal(), value);
    }
    return command;
}

asio::awaitable<Vm> ExeProvider::create(VmSpec spec)
{
    auto command = new_command(spec);
    const std::string output = co_await endpoint_.output(std::move(command), Repeatable::no, "make the VM");
    const NewVm made = parse_new(output);
    Vm vm;
    vm.name = made.name;
    vm.ssh_host = made.ssh_host;
    vm.ssh_port = made.ssh_port;
    vm.ssh_username = made.ssh_username.empty() ? settings_.ssh_username : made.ssh_username;
    // exe.dev ends SSH at its edge, whose keys are its own.
    const ssh::Address address{vm.ssh_host, vm.ssh_port};
    vm.known_hosts = co_await scan_known_hosts(std::string{provider_name}, blocking_, address,
                                               Clock::now() + settings_.ready_timeout);
    co_return vm;
}

asio::awaitable<void> ExeProvider::remove(std::string name)
{
    // It may be another installation's of the same account: the database of a copied service has its name
    // too.
    const std::optional<ListedVm> vm = co_await look(name);
    if (vm && !mark_of(*vm).may_be_ours) {
        co_return;
    }
    // One that is not listed may be there nevertheless, just made.
    CommandLine command{"rm --json"};
    command.word(name);
    const std::string doing = "remove the VM";
    const CommandResult result = co_await endpoint_.run(std::move(command), Repeatable::yes, doing);
    if (!result.ok && !is_vm_not_found(result.failure)) {
        throw_failure(result.answer, doing, result.failure);
    }
}

asio::awaitable<void> ExeProvider::set_deadline(std::string name, std::optional<wire::Timestamp>)
{
    // A VM has no end of its own; but one that is gone has no lease to move.
    const std::optional<ListedVm> vm = co_await look(name);
    if (!vm || !mark_of(*vm).may_be_ours) {
        throw VmNotFound(name);
    }
}

/// The VM of this name, whoever made it; none: it is not listed.
asio::awaitable<std::optional<ListedVm>> ExeProvider::look(std::string name)
{
    CommandLine command{"ls --json -l"};
    command.word(name);
    const std::string doing = "look for the VM";
    const CommandResult result = co_await endpoint_.run(std::move(command), Repeatable::yes, doing);
    if (!result.ok && !is_vm_not_found(result.failure)) {
        throw_failure(result.answer, doing, result.failure);
    }
    co_return result.ok ? find_vm(result.output, name) : std::nullopt;
}

asio::awaitable<std::vector<VmSummary>> ExeProvider::list()
{
    CommandLine command{"ls --json -l"};
    const std::string output = co_await endpoint_.output(std::move(command), Repeatable::yes, "list the VMs");
    std::vector<VmSummary> result;
    for (auto& vm : parse_list(output, tag_)) {
        const auto mark = mark_of(vm);
        if (mark.may_be_ours) {
            result.emplace_back(std::move(vm.name), true, mark.is_ours);
        }
    }
    co_return result;
}

asio::awaitable<Diagnosis> ExeProvider::diagnose()
{
    CommandLine command{"whoami --json"};
    const std::string output =
        co_await endpoint_.output(std::move(command), Repeatable::yes, "tell whose token it is");
    Diagnosis result;
    result.ok = true;
    result.detail = parse_whoami(output);
    co_return result;
}

} // namespace

std::unique_ptr<Provider> make_exe_provider(asio::any_io_executor reactor, asio::thread_pool& blocking,
                                            ExeSettings settings)
{
    return std::make_unique<ExeProvider>(std::move(reactor), blocking, std::move(settings));
}

std::optional<ProviderMaker> configure(const Environment& environment, const ProviderBasics& basics)
{
    auto settings = ExeSettings::load(environment, basics.service_label);
    if (basics.default_provider != provider_name && settings.api_token.empty()) {
        return std::nullopt;
    }
    if (const auto missing = settings.missing(); !missing.empty()) {
        return unconfigured_provider(std::string{provider_name}, abilities, settings.default_image,
                                     "exe needs " + missing + ", which is not set");
    }
    return [settings](asio::any_io_executor reactor, asio::thread_pool& blocking,
                      const std::string& installation) {
        auto marking = settings;
        marking.installation = installation;
        return make_exe_provider(std::move(reactor), blocking, std::move(marking));
    };
}

} // namespace drukbox::service::exe
