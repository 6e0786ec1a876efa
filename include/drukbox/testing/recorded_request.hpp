#pragma once

#include <drukbox/export.hpp>
#include <drukbox/testing/operation.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drukbox::inline v0::testing {

/// A request as it came in.
///
/// Thread safety: a value; distinct objects may be used from distinct threads.
class RecordedRequest
{
public:
    /// A header's name, as it was spelt, and its value.
    using Header = std::pair<std::string, std::string>;

    /// An empty request.
    RecordedRequest() = default;

    /// The value of the first header of that name, in any case; empty where there is none.
    [[nodiscard]] DRUKBOX_API std::string header(std::string_view name) const;

    /// Whether there is a header of that name, in any case.
    [[nodiscard]] DRUKBOX_API bool has_header(std::string_view name) const;

    std::string method;                 ///< `GET`, `POST`, `DELETE`, ...
    std::string target;                 ///< Path and query as they stood on the wire.
    std::vector<Header> headers;        ///< In the order in which they came.
    std::string body;                   ///< The bytes of the body; empty where there was none.
    std::optional<Operation> operation; ///< Empty for a request that is no operation of the API.
};

} // namespace drukbox::inline v0::testing
