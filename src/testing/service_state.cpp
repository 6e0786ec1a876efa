#include "testing/model.hpp"
#include "wire/uuid.hpp"

#include <drukbox/testing/service_state.hpp>

#include <utility>

namespace drukbox::inline v0::testing {

using detail::HostBook;

ServiceState::ServiceState(std::shared_ptr<detail::Model> model) noexcept
    : model_(std::move(model))
{
}

std::vector<SandboxHost> ServiceState::hosts() const
{
    return model_->with_hosts([](HostBook& book) { return book.list(); });
}

std::optional<SandboxHost> ServiceState::find_host(std::string_view host_id) const
{
    const auto id = wire::Uuid::parse(host_id);
    return model_->with_hosts([&](HostBook& book) -> std::optional<SandboxHost> {
        const SandboxHost* const host = id ? book.find(id->str()) : nullptr;
        return host == nullptr ? std::nullopt : std::optional{detail::without_private_key(*host)};
    });
}

SandboxHost ServiceState::add_host()
{
    return model_->with_hosts([](HostBook& book) { return book.activate(book.draft(), Lease{}); });
}

void ServiceState::put_host(const SandboxHost& host)
{
    model_->with_hosts([&](HostBook& book) { book.put(host); });
}

void ServiceState::remove_host(std::string_view host_id)
{
    if (const auto id = wire::Uuid::parse(host_id)) {
        model_->with_hosts([&](HostBook& book) { book.erase(id->str()); });
    }
}

void ServiceState::set_host_template(SandboxHost host)
{
    model_->with_hosts([&](HostBook& book) { book.set_template(std::move(host)); });
}

std::vector<HTTPProxyState> ServiceState::http_proxies() const
{
    return model_->http_proxies();
}

void ServiceState::set_doctor_report(DoctorReport report)
{
    model_->set_doctor_report(std::move(report));
}

void ServiceState::fail_next_create(std::string last_error)
{
    model_->fail_next_create(std::move(last_error));
}

void ServiceState::fail_next_delete()
{
    model_->fail_next_delete();
}

void ServiceState::set_token(std::string token)
{
    model_->set_token(std::move(token));
}

void ServiceState::advance_clock(std::chrono::seconds by)
{
    model_->with_hosts([&](HostBook& book) { book.advance_clock(by); });
}

} // namespace drukbox::inline v0::testing
