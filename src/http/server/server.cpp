#include "http/server/server.hpp"

#include "http/server/server_core.hpp"

namespace drukbox::http {

namespace asio = boost::asio;

Server::Server(asio::any_io_executor executor, ServerOptions options, Handler handler)
    : core_(std::make_shared<ServerCore>(std::move(executor), std::move(options), std::move(handler)))
{
}

Server::~Server()
{
    core_->close();
}

std::string Server::listen(std::string_view address, mode_t unix_mode)
{
    return core_->listen(address, unix_mode);
}

void Server::use_tls(std::shared_ptr<const TlsContext> tls)
{
    core_->use_tls(std::move(tls));
}

asio::awaitable<void> Server::stop(std::chrono::milliseconds grace)
{
    return core_->stop(grace);
}

} // namespace drukbox::http
