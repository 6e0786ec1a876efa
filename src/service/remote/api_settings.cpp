#include "service/remote/api_settings.hpp"

#include <algorithm>

namespace drukbox::service {
namespace {

bool is_printable(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

} // namespace

std::string read_api_url(const Environment& environment, std::string_view name, std::string_view otherwise)
{
    std::string url = environment.text(name).value_or(std::string{otherwise});
    while (url.ends_with('/')) {
        url.pop_back();
    }
    std::string_view rest = url;
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (rest.starts_with(scheme)) {
            rest.remove_prefix(scheme.size());
            break;
        }
    }
    if (rest.size() == url.size() || rest.empty() || rest.front() == ':' || !is_printable(url) ||
        rest.find_first_of("?#@") != std::string_view::npos) {
        throw SettingError(name, "should be a URL like " + std::string{otherwise} +
                                     ", without credentials, query and fragment");
    }
    return url;
}

std::optional<Redacted> read_credential(const Environment& environment, std::string_view name)
{
    auto value = environment.secret(name);
    if (!value) {
        return std::nullopt;
    }
    if (!is_printable(*value)) {
        throw SettingError(name, "should be one word of printable ASCII characters");
    }
    return Redacted{std::move(*value)};
}

void read_user_name(const Environment& environment, std::string_view name, std::string& value)
{
    const auto given = environment.text(name);
    if (!given) {
        return;
    }
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-' || c == '.';
    };
    if (given->size() > 32 || !std::ranges::all_of(*given, fits) || given->front() == '-') {
        throw SettingError(name, "should be a user name, not '" + *given + "'");
    }
    value = *given;
}

} // namespace drukbox::service
