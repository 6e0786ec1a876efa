#include "http/client/client.hpp"

#include "http/client/engine.hpp"

namespace drukbox::http {

Client::Client(ClientOptions options)
    : engine_(std::make_shared<ClientEngine>(std::move(options)))
{
}

Client::~Client()
{
    engine_->close();
    engine_->join();
}

std::shared_ptr<Client::Transfer> Client::start(Request request, std::unique_ptr<Completion> completion)
{
    return start(std::make_shared<const Request>(std::move(request)), std::move(completion));
}

std::shared_ptr<Client::Transfer> Client::start(std::shared_ptr<const Request> request,
                                                std::unique_ptr<Completion> completion)
{
    // The completion may have the client destroyed before start() has returned.
    const auto engine = engine_;
    return engine->start(std::move(request), std::move(completion));
}

void Client::close() noexcept
{
    engine_->close();
}

} // namespace drukbox::http
