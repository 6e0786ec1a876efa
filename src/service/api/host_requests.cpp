#include "service/api/host_requests.hpp"

#include "wire/requests/create_host.hpp"

#include <utility>

namespace drukbox::service::api {
namespace {

wire::RequestBody body_of(const http::Headers& headers, std::string_view bytes)
{
    return {headers.find("Content-Type").value_or(""), bytes};
}

LeaseIntent to_intent(const Lease& lease)
{
    if (lease.is_permanent()) {
        return LeaseIntent{LeaseIntent::Kind::permanent};
    }
    const auto end = lease.end();
    return end ? LeaseIntent::until(*end) : LeaseIntent{};
}

} // namespace

CreateHost read_create_host(const http::Headers& headers, std::string_view body, View view, Timestamp now,
                            wire::Findings& findings)
{
    auto asked =
        wire::read_create_host(headers.find("Idempotency-Key"), body_of(headers, body), view, now, findings);
    CreateHost command;
    command.idempotency_key = std::move(asked.idempotency_key);
    command.image = std::move(asked.image);
    command.template_id = asked.template_id;
    for (auto& [name, value] : asked.env) {
        command.env.emplace(name, std::move(value));
    }
    command.secrets = std::move(asked.secrets);
    command.lease = to_intent(asked.lease);
    command.provider = std::move(asked.provider);
    command.instance_type = std::move(asked.instance_type);
    command.disk_gb = asked.disk_gb;
    return command;
}

std::optional<Timestamp> read_renewal(const http::Headers& headers, std::string_view body, Timestamp now,
                                      wire::Findings& findings)
{
    return wire::read_renewal(body_of(headers, body), now, findings).end();
}

HostPage to_page(const wire::ListRequest& request)
{
    HostPage page;
    if (request.after) {
        page.after.emplace();
        page.after->created_at = request.after->created_at;
        page.after->id = request.after->id;
    }
    if (request.status) {
        page.status = host_status(*request.status);
    }
    page.provider = request.provider;
    page.limit = request.limit;
    return page;
}

std::string next_link(View view, const HostPage& page, const Host& last)
{
    wire::ListRequest request;
    if (page.status) {
        request.status = to_string(*page.status);
    }
    request.provider = page.provider;
    request.limit = page.limit;
    return wire::next_link(prefix(view), request, {last.created_at, last.id});
}

} // namespace drukbox::service::api
