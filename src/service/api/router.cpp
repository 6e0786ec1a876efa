#include "service/api/router.hpp"

#include "wire/percent.hpp"

#include <optional>

namespace drukbox::service::api {
namespace {

std::vector<std::string_view> split(std::string_view path)
{
    std::vector<std::string_view> segments;
    path.remove_prefix(path.starts_with('/') ? 1 : 0);
    for (;;) {
        const auto slash = path.find('/');
        segments.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) {
            return segments;
        }
        path.remove_prefix(slash + 1);
    }
}

bool is_parameter(std::string_view segment)
{
    return segment.starts_with('{');
}

std::vector<std::string> decode(const std::vector<std::string_view>& segments)
{
    std::vector<std::string> decoded;
    decoded.reserve(segments.size());
    for (const auto segment : segments) {
        decoded.push_back(wire::percent_decode(segment));
    }
    return decoded;
}

/// The parameters of a path that fits.
std::optional<std::vector<std::string>> fit(const std::vector<std::string>& pattern,
                                            const std::vector<std::string>& path)
{
    if (pattern.size() != path.size()) {
        return std::nullopt;
    }
    std::vector<std::string> parameters;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (is_parameter(pattern[i]) ? path[i].empty() : path[i] != pattern[i]) {
            return std::nullopt;
        }
        if (is_parameter(pattern[i])) {
            parameters.push_back(path[i]);
        }
    }
    return parameters;
}

} // namespace

void Router::add(std::string method, std::string_view pattern, Access access, Handler handler)
{
    std::vector<std::string> segments;
    for (const auto segment : split(pattern)) {
        segments.emplace_back(segment);
    }
    routes_.push_back(
        Route{std::move(method), std::string{pattern}, std::move(segments), access, std::move(handler)});
}

Router::Match Router::match(std::string_view method, std::string_view target) const
{
    const auto path = decode(split(target.substr(0, target.find_first_of("?#"))));
    Match match;
    for (const auto& route : routes_) {
        auto parameters = fit(route.segments, path);
        if (!parameters) {
            continue;
        }
        match.pattern = route.pattern;
        const bool is_get = route.method == "GET";
        match.allowed += (match.allowed.empty() ? "" : ", ") + route.method + (is_get ? ", HEAD" : "");
        if (route.method == method || (is_get && method == "HEAD")) {
            match.handler = &route.handler;
            match.access = route.access;
            match.parameters = std::move(*parameters);
        }
    }
    return match;
}

} // namespace drukbox::service::api
