#pragma once

#include "testing/findings.hpp"
#include "wire/host_view.hpp"
#include "wire/timestamp.hpp"

#include <drukbox/lease.hpp>
#include <drukbox/testing/recorded_request.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <string>

// What the API accepts about hosts. Each function adds what it does not accept to the findings; what it
// returns is not to be used then.
namespace drukbox::inline v0::testing::detail {

class CreateCommand
{
public:
    CreateCommand() = default;

    std::optional<std::string> image;
    std::optional<std::string> template_id;
    std::set<std::string> secrets; ///< Their names.
    std::optional<std::string> provider;
    std::optional<std::string> instance_type;
    std::optional<std::int64_t> disk_gb;
    std::set<std::string> variables; ///< Their names.
    std::optional<std::string> idempotency_key;
    Lease lease;
};

/// In the view of Litterbox clients a create has an image, an `env` and an end, and nothing else is looked
/// at.
[[nodiscard]] CreateCommand read_create(const RecordedRequest& request, wire::HostView view,
                                        wire::Timestamp now, Findings& findings);

[[nodiscard]] Lease read_renewal(const RecordedRequest& request, wire::Timestamp now, Findings& findings);

/// A host id of the path, in its canonical form.
[[nodiscard]] std::string read_host_id(const std::string& parameter, Findings& findings);

} // namespace drukbox::inline v0::testing::detail
