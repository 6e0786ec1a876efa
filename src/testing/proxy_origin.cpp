#include "testing/proxy_origin.hpp"

#include "wire/plain_text.hpp"

#include <string_view>

namespace drukbox::inline v0::testing::detail {

wire::Origin read_proxy_origin(const std::string& url)
{
    constexpr std::string_view end_of_scheme = "://";
    const auto after_scheme = std::string_view{url}.substr(url.find(end_of_scheme) + end_of_scheme.size());
    const auto authority = after_scheme.substr(0, after_scheme.find_first_of("/?#"));
    const auto rest = after_scheme.substr(authority.size());
    const auto path = rest.substr(0, rest.find_first_of("?#"));
    const auto host = authority.substr(authority.rfind('@') + 1);
    wire::Origin origin;
    if (!wire::is_authority(host) || url.find(' ') != std::string::npos) {
        return origin;
    }
    origin.text = url;
    if (host.size() < authority.size()) {
        origin.surplus = "credentials";
    } else if (!path.empty() && path != "/") {
        origin.surplus = "a path";
    } else if (rest.find('?') < rest.find('#')) {
        origin.surplus = "a query string";
    } else if (rest.find('#') != std::string_view::npos) {
        origin.surplus = "a fragment";
    }
    return origin;
}

} // namespace drukbox::inline v0::testing::detail
