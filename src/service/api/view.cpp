#include "service/api/view.hpp"

#include "service/api/host_record.hpp"
#include "wire/host_record.hpp"
#include "wire/host_view.hpp"

namespace drukbox::service::api {

std::string_view prefix(View view) noexcept
{
    switch (view) {
    case View::drukbox:
        return "";
    case View::v0_3:
        return "/v0.3";
    case View::litterbox:
        return "/litterbox";
    }
    return "";
}

bool has_route(View view, std::string_view path) noexcept
{
    return view != View::litterbox || path == "/hosts" || path == "/hosts/{host_id}";
}

void append_record(std::string& out, View view, const Host& host, const std::optional<Redacted>& private_key)
{
    const auto record = to_record(host, private_key);
    switch (view) {
    case View::drukbox:
        wire::append(out, record);
        break;
    case View::v0_3:
        wire::append_with_account(out, record, service_account(host));
        break;
    case View::litterbox:
        wire::append(out, wire::HostView::litterbox, record, std::nullopt);
        break;
    }
}

std::string serialize(View view, const Host& host, const std::optional<Redacted>& private_key)
{
    std::string out;
    append_record(out, view, host, private_key);
    return out;
}

} // namespace drukbox::service::api
