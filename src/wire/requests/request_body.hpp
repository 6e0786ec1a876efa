#pragma once

#include "wire/requests/findings.hpp"

#include <boost/json/fwd.hpp>
#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace drukbox::wire {

/// The body of a request as it came in. Views.
class RequestBody
{
public:
    RequestBody(std::string_view media_type, std::string_view bytes)
        : content_type(media_type)
        , text(bytes)
    {
    }

    std::string_view content_type; ///< Empty: there was none.
    std::string_view text;
};

/// The JSON object of an optional body. Absent, empty and `null` are an empty object. Nothing, and a finding,
/// when it is not JSON, not an object, or of another media type.
[[nodiscard]] std::optional<boost::json::object> read_object(const RequestBody& body, Findings& findings);

/// The same of a body that must be there: absent, empty and `null` are a finding too.
[[nodiscard]] std::optional<boost::json::object> read_required_object(const RequestBody& body,
                                                                      Findings& findings);

/// Null where the key is absent, or its value null.
[[nodiscard]] const boost::json::value* find_value(const boost::json::object& object, std::string_view key);

/// Null, and a finding, for what is no string.
[[nodiscard]] const boost::json::string* as_text(const boost::json::value& value, boost::json::array location,
                                                 Findings& findings);

/// Null, and a finding, for what is no object.
[[nodiscard]] const boost::json::object* as_dictionary(const boost::json::value& value,
                                                       boost::json::array location, Findings& findings);

/// An object of which there has to be something in it.
[[nodiscard]] const boost::json::object*
as_filled_dictionary(const boost::json::value& value, const boost::json::array& location, Findings& findings);

/// The finding on what is no object with fields of its own.
void add_no_fields(boost::json::array location, Findings& findings);

} // namespace drukbox::wire
