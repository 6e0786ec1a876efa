#pragma once

#include "wire/shape_error.hpp"

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drukbox::wire {

/// Reads the keys of one record out of a JSON object. Every function throws ShapeError, naming the key, when
/// the value is not what its name says. Keys that nobody asks for are ignored.
class ObjectReader
{
public:
    /// `record` stands in messages. `json` must outlive the reader.
    ObjectReader(std::string_view record, const boost::json::value& json);

    [[nodiscard]] std::string string(std::string_view key) const;
    [[nodiscard]] bool boolean(std::string_view key) const;
    /// A whole number, in whichever JSON spelling (`22`, `22.0`).
    [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t min, std::int64_t max) const;
    [[nodiscard]] const boost::json::array& array(std::string_view key) const;

    /// The key must be there, its value may be null.
    [[nodiscard]] std::optional<std::string> nullable_string(std::string_view key) const;
    [[nodiscard]] std::optional<double> nullable_number(std::string_view key) const;

    /// The key may be absent, or its value null.
    [[nodiscard]] std::optional<std::string> optional_string(std::string_view key) const;
    [[nodiscard]] std::optional<bool> optional_boolean(std::string_view key) const;
    [[nodiscard]] std::optional<std::int64_t> optional_integer(std::string_view key) const;

private:
    [[nodiscard]] const boost::json::value& at(std::string_view key) const;
    [[nodiscard]] const boost::json::value* find_non_null(std::string_view key) const;
    [[nodiscard]] bool as_boolean(std::string_view key, const boost::json::value& json) const;
    [[nodiscard]] std::string as_string(std::string_view key, const boost::json::value& json) const;
    [[nodiscard]] std::int64_t as_integer(std::string_view key, const boost::json::value& json,
                                          std::int64_t min, std::int64_t max) const;
    [[noreturn]] void fail(std::string_view key, std::string_view problem) const;

    std::string_view record_;
    const boost::json::object* object_;
};

} // namespace drukbox::wire
