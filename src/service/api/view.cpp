#include "service/api/view.hpp"

#include "service/api/host_record.hpp"

namespace drukbox::service::api {

void append_record(std::string& out, View view, const Host& host, const std::optional<Redacted>& private_key)
{
    wire::append(out, view, to_record(host, private_key), service_account(host));
}

std::string serialize(View view, const Host& host, const std::optional<Redacted>& private_key)
{
    std::string out;
    append_record(out, view, host, private_key);
    return out;
}

} // namespace drukbox::service::api
