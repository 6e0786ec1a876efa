#include "http/server/server_state.hpp"

#include "http/server/answer_head.hpp"

#include <boost/beast/http/status.hpp>

#include <utility>

namespace drukbox::http {
namespace {

Response plain_refusal(unsigned status)
{
    const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
    return Response(status, "text/plain", std::string(reason) + "\n");
}

} // namespace

ServerState::ServerState(ServerOptions options, Server::Handler handler)
    : options_(std::move(options))
    , handler_(std::move(handler))
    , connections_(options_.stranger_idle_limit)
{
}

Response ServerState::refusal(unsigned status, std::string_view reason) const
{
    if (options_.error_response) {
        try {
            Response response = options_.error_response(status, reason);
            check_answer(response);
            return response;
        } catch (...) {
            unhandled(std::current_exception());
        }
    }
    return plain_refusal(status);
}

void ServerState::unhandled(std::exception_ptr failure) const
{
    if (options_.on_unhandled) {
        options_.on_unhandled(std::move(failure));
    }
}

std::string_view ServerState::date()
{
    const std::time_t now = std::time(nullptr);
    if (now != date_second_) {
        date_ = http_date(now);
        date_second_ = now;
    }
    return date_;
}

} // namespace drukbox::http
