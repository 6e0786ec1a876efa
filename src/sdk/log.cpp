#include "sdk/log.hpp"

#include <drukbox/log_entry.hpp>

#include <string_view>

namespace drukbox::sdk {
namespace {

std::string_view path_of(std::string_view url) noexcept
{
    const std::size_t scheme = url.find("://");
    const std::size_t path = url.find('/', scheme == url.npos ? 0 : scheme + 3);
    return path == url.npos ? std::string_view{"/"} : url.substr(path);
}

LogEntry entry_for(const detail::Outcome::State& outcome)
{
    const http::Request& request = outcome.operation->request;
    LogEntry entry;
    entry.operation = outcome.operation->name;
    entry.method = request.method;
    entry.path = path_of(request.url);
    entry.status = static_cast<int>(outcome.response.status);
    entry.duration = *outcome.duration;
    entry.request_id = outcome.response.headers.find("X-Request-Id").value_or("");
    return entry;
}

} // namespace

void report(const detail::Outcome::State& outcome) noexcept
{
    if (!outcome.duration) {
        return;
    }
    try {
        (*outcome.operation->log)(entry_for(outcome));
    } catch (...) { // NOLINT(bugprone-empty-catch): what becomes of a call does not hang on its log
    }
}

} // namespace drukbox::sdk
