#include "testing/server.hpp"

#include <drukbox/testing/fake_service.hpp>

#include <utility>

namespace drukbox::inline v0::testing {

using detail::Gate;
using detail::Ledger;
using detail::Model;
using detail::Script;

class FakeService::Impl
{
public:
    explicit Impl(const FakeServiceOptions& options)
        : token(options.token)
        , model(std::make_shared<Model>(options))
        , server(model)
    {
    }

    const std::string token;
    const std::shared_ptr<Model> model;
    detail::Server server;
};

FakeService::FakeService(FakeServiceOptions options)
    : impl_(std::make_unique<Impl>(options))
{
}

FakeService::~FakeService() = default;

std::string FakeService::url() const
{
    return "http://127.0.0.1:" + std::to_string(port());
}

std::uint16_t FakeService::port() const noexcept
{
    return impl_->server.port();
}

SandboxConfig FakeService::config() const
{
    return {url(), impl_->token.empty() ? "any-token" : impl_->token};
}

ServiceState FakeService::state() const
{
    return ServiceState{impl_->model};
}

void FakeService::answer(Answer answer)
{
    impl_->server.with_script([&](Script& script) { script.add({}, std::move(answer)); });
}

void FakeService::answer(Operation operation, Answer answer)
{
    impl_->server.with_script([&](Script& script) { script.add(operation, std::move(answer)); });
}

void FakeService::answer_always(Answer answer)
{
    impl_->server.with_script([&](Script& script) { script.set_always({}, std::move(answer)); });
}

void FakeService::answer_always(Operation operation, Answer answer)
{
    impl_->server.with_script([&](Script& script) { script.set_always(operation, std::move(answer)); });
}

void FakeService::clear_answers()
{
    impl_->server.with_script([](Script& script) { script.clear(); });
}

void FakeService::drop_connections(std::size_t count)
{
    impl_->server.drop_connections(count);
}

void FakeService::close_connections()
{
    impl_->server.close_connections();
}

void FakeService::release()
{
    impl_->server.with_gate([](Gate& gate) { gate.open(); });
}

void FakeService::release_one()
{
    impl_->server.with_gate([](Gate& gate) { gate.let_one_through(); });
}

void FakeService::hold_again()
{
    impl_->server.with_gate([](Gate& gate) { gate.close(); });
}

std::size_t FakeService::answers_held() const
{
    return impl_->server.ledger().read([](const Ledger::Entries& entries) { return entries.answers_held; });
}

std::vector<RecordedRequest> FakeService::requests() const
{
    return impl_->server.ledger().read([](const Ledger::Entries& entries) { return entries.requests; });
}

std::vector<RecordedRequest> FakeService::requests(Operation operation) const
{
    std::vector<RecordedRequest> all = requests();
    std::erase_if(all,
                  [operation](const RecordedRequest& request) { return request.operation != operation; });
    return all;
}

std::size_t FakeService::connections_opened() const
{
    return impl_->server.ledger().read(
        [](const Ledger::Entries& entries) { return entries.connections_opened; });
}

std::size_t FakeService::connections_open() const
{
    return impl_->server.ledger().read(
        [](const Ledger::Entries& entries) { return entries.connections_open; });
}

bool FakeService::wait_for_requests(std::size_t count, std::chrono::milliseconds timeout) const
{
    return impl_->server.ledger().wait(
        timeout, [count](const Ledger::Entries& entries) { return entries.requests.size() >= count; });
}

bool FakeService::wait_for_answers_held(std::size_t count, std::chrono::milliseconds timeout) const
{
    return impl_->server.ledger().wait(
        timeout, [count](const Ledger::Entries& entries) { return entries.answers_held >= count; });
}

bool FakeService::wait_until_connections_open(std::size_t count, std::chrono::milliseconds timeout) const
{
    return impl_->server.ledger().wait(
        timeout, [count](const Ledger::Entries& entries) { return entries.connections_open == count; });
}

} // namespace drukbox::inline v0::testing
