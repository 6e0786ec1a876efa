#include "service/providers/exe/command_endpoint.hpp"

#include "service/providers/exe/answers.hpp"

#include <utility>

namespace drukbox::service::exe {
namespace {

namespace asio = boost::asio;

ApiClientOptions options_of(const ExeSettings& settings)
{
    ApiClientOptions options;
    options.provider = provider_name;
    options.base_url = settings.api_url;
    options.timeout = settings.api_timeout;
    options.authorize = [bearer = "Bearer " + settings.api_token.reveal()](http::Request& request) {
        request.headers.add("Authorization", bearer);
    };
    return options;
}

/// Of statuses below 500 all but these are a command's own failure.
bool is_about_the_token(unsigned status)
{
    return status == 401 || status == 403;
}

} // namespace

CommandEndpoint::CommandEndpoint(asio::any_io_executor executor, const ExeSettings& settings)
    : token_(settings.api_token)
    , client_(std::move(executor), options_of(settings))
{
}

asio::awaitable<CommandResult> CommandEndpoint::run(CommandLine command, Repeatable repeatable,
                                                    std::string doing)
{
    // Whatever was checked before: what follows a line's end would be a command of its own.
    refuse_line_breaks(Redacted{command.text()}, "a command");
    ApiRequest request{"POST", "/exec"};
    request.headers.add("Content-Type", "text/plain; charset=utf-8");
    request.body = command.text();
    request.idempotent = repeatable == Repeatable::yes;
    request.secrets = command.secrets();
    request.secrets.push_back(token_);
    CommandResult result;
    result.answer = co_await client_.send(std::move(request));
    result.ok = result.answer.ok();
    if (result.ok) {
        result.output = result.answer.body;
        co_return result;
    }
    result.failure = failure_text(result.answer.body);
    if (is_about_the_token(result.answer.status)) {
        throw_failure(result.answer, doing, result.failure);
    }
    if (result.answer.status < 400 || result.answer.status >= 500) {
        // A gateway's page says nothing to a caller.
        throw_failure(result.answer, doing, "");
    }
    co_return result;
}

asio::awaitable<std::string> CommandEndpoint::output(CommandLine command, Repeatable repeatable,
                                                     std::string doing)
{
    CommandResult result = co_await run(std::move(command), repeatable, doing);
    if (!result.ok) {
        throw_failure(result.answer, doing, result.failure);
    }
    co_return std::move(result.output);
}

} // namespace drukbox::service::exe
