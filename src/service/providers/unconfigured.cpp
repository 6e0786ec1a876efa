#include "service/providers/configuration.hpp"

namespace drukbox::service {
namespace {

namespace asio = boost::asio;

class UnconfiguredProvider final : public Provider
{
public:
    UnconfiguredProvider(std::string name, Capabilities capabilities, std::string default_image,
                         std::string reason)
        : name_(std::move(name))
        , capabilities_(capabilities)
        , default_image_(std::move(default_image))
        , reason_(std::move(reason))
    {
    }

    [[nodiscard]] std::string_view name() const noexcept override { return name_; }

    [[nodiscard]] Capabilities capabilities() const noexcept override { return capabilities_; }

    [[nodiscard]] std::string default_image() const override { return default_image_; }

    [[nodiscard]] std::string_view hint() const noexcept override { return "check_provider_configuration"; }

    [[nodiscard]] std::vector<std::string> warnings() const override { return {reason_}; }

    [[nodiscard]] asio::awaitable<Vm> create(VmSpec) override
    {
        refuse();
        co_return Vm{};
    }

    [[nodiscard]] asio::awaitable<void> wait_until_reachable(const Vm&) override
    {
        refuse();
        co_return;
    }

    [[nodiscard]] asio::awaitable<void> remove(std::string) override
    {
        refuse();
        co_return;
    }

    [[nodiscard]] asio::awaitable<void> set_deadline(std::string, std::optional<wire::Timestamp>) override
    {
        refuse();
        co_return;
    }

    [[nodiscard]] asio::awaitable<std::vector<VmSummary>> list() override
    {
        refuse();
        co_return std::vector<VmSummary>{};
    }

    [[nodiscard]] asio::awaitable<Diagnosis> diagnose() override
    {
        Diagnosis diagnosis;
        diagnosis.detail = reason_;
        co_return diagnosis;
    }

private:
    void refuse() const { throw ProviderNotConfigured(reason_); }

    std::string name_;
    Capabilities capabilities_;
    std::string default_image_;
    std::string reason_;
};

} // namespace

ProviderMaker unconfigured_provider(std::string name, Capabilities capabilities, std::string default_image,
                                    std::string reason)
{
    return [=](const asio::any_io_executor&, asio::thread_pool&,
               const std::string&) -> std::unique_ptr<Provider> {
        return std::make_unique<UnconfiguredProvider>(name, capabilities, default_image, reason);
    };
}

} // namespace drukbox::service
