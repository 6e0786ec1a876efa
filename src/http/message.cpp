#include "http/message.hpp"

#include <algorithm>

namespace drukbox::http {
namespace {

char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

std::optional<std::string_view> Headers::find(std::string_view name) const noexcept
{
    for (const auto& [key, value] : fields_) {
        if (std::ranges::equal(key, name, {}, lower, lower)) {
            return value;
        }
    }
    return std::nullopt;
}

Response::Response(unsigned status_code, std::string content_type, std::string content)
    : status(status_code)
    , body(std::move(content))
{
    headers.add("Content-Type", std::move(content_type));
}

} // namespace drukbox::http
