#include "wire/object_reader.hpp"

#include <boost/json.hpp>

#include <limits>

namespace drukbox::wire {

namespace json = boost::json;

ObjectReader::ObjectReader(std::string_view record, const json::value& json)
    : record_(record)
    , object_(json.if_object())
{
    if (object_ == nullptr) {
        throw ShapeError(std::string{record} + ": expected an object");
    }
}

std::string ObjectReader::string(std::string_view key) const
{
    return as_string(key, at(key));
}

bool ObjectReader::boolean(std::string_view key) const
{
    return as_boolean(key, at(key));
}

std::int64_t ObjectReader::integer(std::string_view key, std::int64_t min, std::int64_t max) const
{
    return as_integer(key, at(key), min, max);
}

const json::array& ObjectReader::array(std::string_view key) const
{
    const json::array* value = at(key).if_array();
    if (value == nullptr) {
        fail(key, "expected an array");
    }
    return *value;
}

std::optional<std::string> ObjectReader::nullable_string(std::string_view key) const
{
    const json::value& value = at(key);
    return value.is_null() ? std::nullopt : std::optional{as_string(key, value)};
}

std::optional<double> ObjectReader::nullable_number(std::string_view key) const
{
    const json::value& value = at(key);
    if (value.is_null()) {
        return std::nullopt;
    }
    boost::system::error_code error;
    const auto number = value.to_number<double>(error);
    if (error) {
        fail(key, "expected a number");
    }
    return number;
}

std::optional<std::string> ObjectReader::optional_string(std::string_view key) const
{
    const json::value* value = find_non_null(key);
    return value == nullptr ? std::nullopt : std::optional{as_string(key, *value)};
}

std::optional<bool> ObjectReader::optional_boolean(std::string_view key) const
{
    const json::value* value = find_non_null(key);
    return value == nullptr ? std::nullopt : std::optional{as_boolean(key, *value)};
}

std::optional<std::int64_t> ObjectReader::optional_integer(std::string_view key) const
{
    using Limits = std::numeric_limits<std::int64_t>;
    const json::value* value = find_non_null(key);
    return value == nullptr ? std::nullopt
                            : std::optional{as_integer(key, *value, Limits::min(), Limits::max())};
}

const json::value& ObjectReader::at(std::string_view key) const
{
    const json::value* value = object_->if_contains(key);
    if (value == nullptr) {
        fail(key, "is missing");
    }
    return *value;
}

const json::value* ObjectReader::find_non_null(std::string_view key) const
{
    const json::value* value = object_->if_contains(key);
    return value == nullptr || value->is_null() ? nullptr : value;
}

bool ObjectReader::as_boolean(std::string_view key, const json::value& json) const
{
    const bool* value = json.if_bool();
    if (value == nullptr) {
        fail(key, "expected true or false");
    }
    return *value;
}

std::string ObjectReader::as_string(std::string_view key, const json::value& json) const
{
    const json::string* value = json.if_string();
    if (value == nullptr) {
        fail(key, "expected a string");
    }
    return {value->data(), value->size()};
}

std::int64_t ObjectReader::as_integer(std::string_view key, const json::value& json, std::int64_t min,
                                      std::int64_t max) const
{
    boost::system::error_code error;
    const auto value = json.to_number<std::int64_t>(error);
    if (error) {
        fail(key, "expected an integer");
    }
    if (value < min || value > max) {
        fail(key, "expected an integer from " + std::to_string(min) + " to " + std::to_string(max));
    }
    return value;
}

void ObjectReader::fail(std::string_view key, std::string_view problem) const
{
    throw ShapeError(std::string{record_}.append(": ").append(key).append(": ").append(problem));
}

} // namespace drukbox::wire
