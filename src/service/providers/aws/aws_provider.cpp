#include "service/providers/aws/aws_provider.hpp"

#include "service/providers/aws/credentials/credential_chain.hpp"
#include "service/providers/aws/ec2.hpp"
#include "service/providers/aws/identity.hpp"
#include "service/providers/aws/image.hpp"
#include "service/providers/aws/launch.hpp"
#include "service/providers/aws/ssh_access.hpp"
#include "service/providers/support/cloud_ssh.hpp"
#include "service/providers/support/installation_mark.hpp"
#include "service/remote/answer.hpp"
#include "service/remote/shared_poller.hpp"
#include "service/ssh/readiness.hpp"

#include <map>
#include <utility>

namespace drukbox::service::aws {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using Instances = std::map<std::string, Instance>;

constexpr Capabilities abilities{.instance_type = true,
                                 .disk_gb = true,
                                 .mints_key = true,
                                 .mints_key_on_tailnet = false,
                                 .setup_script = true};

bool is_settled(const Instance& instance)
{
    return instance.state == "running" ? !instance.public_ip.empty() : instance.state != "pending";
}

class AwsProvider final : public Provider
{
public:
    AwsProvider(asio::any_io_executor reactor, asio::thread_pool& blocking, AwsSettings settings)
        : blocking_(blocking)
        , settings_(std::move(settings))
        , chain_(reactor, blocking, settings_.credentials)
        , ec2_(reactor, settings_, chain_)
        , access_(reactor, settings_, chain_)
        , images_(reactor, settings_, chain_)
        , identity_(reactor, settings_, chain_)
        , poller_(
              reactor, settings_.poll_interval,
              [this](std::vector<std::string> ids, Clock::time_point deadline) {
                  return look(std::move(ids), deadline);
              },
              is_settled)
    {
    }

    [[nodiscard]] std::string_view name() const noexcept override { return "aws"; }

    [[nodiscard]] Capabilities capabilities() const noexcept override { return abilities; }

    [[nodiscard]] std::string default_image() const override { return settings_.default_image; }

    [[nodiscard]] MachineSizes default_sizes() const override
    {
        return {settings_.instance_type, settings_.root_gb};
    }

    [[nodiscard]] std::string_view hint() const noexcept override
    {
        return "check_aws_credentials_and_region";
    }

    [[nodiscard]] std::vector<std::string> warnings() const override;
    [[nodiscard]] asio::awaitable<Vm> create(VmSpec spec) override;
    [[nodiscard]] asio::awaitable<void> wait_until_reachable(const Vm& vm) override;
    [[nodiscard]] asio::awaitable<void> remove(std::string name) override;
    [[nodiscard]] asio::awaitable<void> set_deadline(std::string name,
                                                     std::optional<wire::Timestamp> deadline) override;
    [[nodiscard]] asio::awaitable<std::vector<VmSummary>> list() override;
    [[nodiscard]] asio::awaitable<Diagnosis> diagnose() override;

private:
    [[nodiscard]] asio::awaitable<Instances> look(std::vector<std::string> ids, Clock::time_point deadline);
    [[nodiscard]] asio::awaitable<std::string> public_address(std::string id);

    asio::thread_pool& blocking_;
    AwsSettings settings_;
    CredentialChain chain_;
    Ec2 ec2_;
    SshAccess access_;
    ImageResolver images_;
    IdentityProbe identity_;
    SharedPoller<std::string, Instance> poller_;
};

std::vector<std::string> AwsProvider::warnings() const
{
    std::vector<std::string> found;
    const auto& credentials = settings_.credentials;
    if (credentials.nothing_given()) {
        found.emplace_back(credentials.instance_role
                               ? "no AWS credentials are set: only the role of an EC2 instance could give any"
                               : "no AWS credentials are set");
    }
    return found;
}

asio::awaitable<Vm> AwsProvider::create(VmSpec spec)
{
    const Redacted data = boot_data(spec);
    const std::string image = co_await images_.resolve(spec.image);
    Vm vm;
    vm.name = spec.name;
    vm.ssh_username = settings_.ssh_username;
    vm.host_key = spec.host_public_key;
    if (joins_tailnet(spec)) {
        static_cast<void>(co_await ec2_.launch(spec, image, "", data));
        co_return vm;
    }
    const std::string group = co_await access_.group();
    co_await ec2_.import_key(spec);
    const std::string id = co_await ec2_.launch(spec, image, group, data);
    vm.ssh_host = co_await public_address(id);
    vm.known_hosts = ssh::known_hosts_line({vm.ssh_host, vm.ssh_port}, vm.host_key);
    co_return vm;
}

asio::awaitable<std::string> AwsProvider::public_address(std::string id)
{
    const auto instance = co_await poller_.wait(id, Clock::now() + settings_.address_timeout,
                                                "aws gave the machine " + id + " no public address in time");
    if (!instance || instance->state != "running") {
        const std::string reason = instance ? presentable(instance->reason, {}) : std::string{};
        throw ProviderError("aws ended the machine " + id + " instead of starting it" +
                            (reason.empty() ? "" : ": " + reason));
    }
    co_return instance->public_ip;
}

asio::awaitable<Instances> AwsProvider::look(std::vector<std::string> ids, Clock::time_point deadline)
{
    const std::vector<Instance> found = co_await ec2_.look(ids, deadline);
    Instances result;
    // A machine that EC2 does not know yet is one to come.
    for (const auto& id : ids) {
        result[id].state = "pending";
    }
    for (const auto& instance : found) {
        result[instance.id] = instance;
    }
    co_return result;
}

asio::awaitable<void> AwsProvider::wait_until_reachable(const Vm& vm)
{
    if (vm.ssh_host.empty()) {
        co_return;
    }
    co_await wait_for_our_key("aws", blocking_, vm, Clock::now() + settings_.ready_timeout);
}

asio::awaitable<void> AwsProvider::remove(std::string name)
{
    std::vector<Instance> instances = co_await ec2_.ours(name);
    co_await ec2_.terminate(std::move(instances));
    co_await ec2_.delete_key(std::move(name));
}

asio::awaitable<void> AwsProvider::set_deadline(std::string name, std::optional<wire::Timestamp>)
{
    // A machine has no end of its own; but one that is gone has no lease to move.
    const std::vector<Instance> instances = co_await ec2_.ours(name);
    if (instances.empty()) {
        throw VmNotFound(name);
    }
}

asio::awaitable<std::vector<VmSummary>> AwsProvider::list()
{
    const std::vector<Instance> instances = co_await ec2_.ours("");
    std::vector<VmSummary> result;
    for (const auto& instance : instances) {
        if (!instance.host_name.empty()) {
            const InstallationMark mark{instance.installation, settings_.installation};
            result.emplace_back(instance.host_name,
                                instance.state == "running" || instance.state == "pending", mark.is_ours);
        }
    }
    co_return result;
}

asio::awaitable<Diagnosis> AwsProvider::diagnose()
{
    const Identity identity = co_await identity_.ask();
    Diagnosis result;
    result.ok = true;
    result.detail = "account=" + presentable(identity.account, {}) + " arn=" + presentable(identity.arn, {});
    co_return result;
}

} // namespace

std::unique_ptr<Provider> make_aws_provider(asio::any_io_executor reactor, asio::thread_pool& blocking,
                                            AwsSettings settings)
{
    return std::make_unique<AwsProvider>(std::move(reactor), blocking, std::move(settings));
}

std::optional<ProviderMaker> configure(const Environment& environment, const ProviderBasics& basics)
{
    if (basics.default_provider != "aws" && !environment.text("AWS_DEFAULT_IMAGE")) {
        return std::nullopt;
    }
    auto settings = AwsSettings::load(environment, basics.service_label);
    if (settings.region.empty() || settings.default_image.empty()) {
        const std::string missing = settings.region.empty() ? "AWS_REGION" : "AWS_DEFAULT_IMAGE";
        return unconfigured_provider("aws", abilities, settings.default_image, missing + " is not set");
    }
    return [settings](asio::any_io_executor reactor, asio::thread_pool& blocking,
                      const std::string& installation) {
        auto marking = settings;
        marking.installation = installation;
        return make_aws_provider(std::move(reactor), blocking, std::move(marking));
    };
}

} // namespace drukbox::service::aws
