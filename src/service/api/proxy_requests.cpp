#include "service/api/proxy_requests.hpp"

#include "service/api/proxy_origin.hpp"

#include <utility>

namespace drukbox::service::api {

HttpProxySpec read_create_proxy(const http::Headers& headers, std::string_view body, wire::Findings& findings)
{
    auto asked = wire::read_create_proxy({headers.find("Content-Type").value_or(""), body}, read_proxy_origin,
                                         findings);
    HttpProxySpec spec;
    spec.name = std::move(asked.name);
    spec.target = std::move(asked.target);
    for (auto& [name, value] : asked.headers) {
        spec.headers.emplace(name, std::move(value));
    }
    return spec;
}

} // namespace drukbox::service::api
