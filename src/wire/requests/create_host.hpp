#pragma once

#include "wire/host_view.hpp"
#include "wire/requests/request_body.hpp"
#include "wire/timestamp.hpp"
#include "wire/uuid.hpp"

#include <drukbox/lease.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace drukbox::wire {

/// A create as its request asks for it.
class CreateHost
{
public:
    CreateHost() = default;

    std::optional<std::string> idempotency_key;
    std::optional<std::string> image;
    std::optional<Uuid> template_id;
    std::map<std::string, std::string> env; ///< The values may be secrets.
    std::set<std::string> secrets;          ///< Their names.
    Lease lease;
    std::optional<std::string> provider;
    std::optional<std::string> instance_type;
    std::optional<std::int64_t> disk_gb;
};

/// `idempotency_key` is the header. In the view of Litterbox clients a create has an image, an `env` and an
/// end; the other fields are unknown, and so ignored.
[[nodiscard]] CreateHost read_create_host(std::optional<std::string_view> idempotency_key,
                                          const RequestBody& body, HostView view, Timestamp now,
                                          Findings& findings);

/// Until a point in time, or the default lease.
[[nodiscard]] Lease read_renewal(const RequestBody& body, Timestamp now, Findings& findings);

} // namespace drukbox::wire
