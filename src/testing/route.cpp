#include "testing/route.hpp"

#include "wire/percent.hpp"

#include <array>

namespace drukbox::inline v0::testing::detail {
namespace {

constexpr std::string_view parameter = "{}";

class Pattern
{
public:
    std::string_view method;
    std::string_view path;
    std::optional<Operation> operation;
};

constexpr std::array patterns{
    Pattern{"POST", "/hosts", Operation::create_host},
    Pattern{"GET", "/hosts", Operation::list_hosts},
    Pattern{"GET", "/hosts/{}", Operation::get_host},
    Pattern{"DELETE", "/hosts/{}", Operation::delete_host},
    Pattern{"POST", "/hosts/{}/renew", Operation::renew_host},
    Pattern{"POST", "/http-proxies", Operation::create_http_proxy},
    Pattern{"DELETE", "/http-proxies/{}", Operation::delete_http_proxy},
    Pattern{"POST", "/http-proxies/{}/hosts/{}", Operation::attach_http_proxy},
    Pattern{"DELETE", "/http-proxies/{}/hosts/{}", Operation::detach_http_proxy},
    Pattern{"GET", "/doctor", Operation::doctor},
    Pattern{"GET", "/healthz", std::nullopt},
};

// Takes the first segment off a path that begins with a slash.
std::string_view take_segment(std::string_view& path)
{
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

std::optional<std::vector<std::string>> fit(std::string_view pattern, std::string_view path)
{
    std::vector<std::string> parameters;
    while (pattern.starts_with('/') && path.starts_with('/')) {
        const std::string_view expected = take_segment(pattern);
        const std::string_view given = take_segment(path);
        if (expected == parameter && !given.empty()) {
            parameters.push_back(wire::percent_decode(given));
        } else if (expected != given) {
            return std::nullopt;
        }
    }
    if (!pattern.empty() || !path.empty()) {
        return std::nullopt;
    }
    return parameters;
}

} // namespace

Route find_route(std::string_view method, std::string_view target)
{
    const wire::ViewedTarget viewed = wire::take_prefix(target.substr(0, target.find_first_of("?#")));
    const std::string_view path = viewed.target;
    Route route;
    route.view = viewed.view;
    if (!wire::has_route(viewed.view, path)) {
        return route;
    }
    for (const Pattern& pattern : patterns) {
        auto parameters = fit(pattern.path, path);
        if (!parameters) {
            continue;
        }
        route.allowed += (route.allowed.empty() ? "" : ", ") + std::string{pattern.method};
        if (pattern.method == method) {
            route.operation = pattern.operation;
            route.health = !pattern.operation;
            route.parameters = std::move(*parameters);
        }
    }
    return route;
}

} // namespace drukbox::inline v0::testing::detail
