#pragma once

#include "service/base/redacted.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace drukbox::service::log {

enum class Level
{
    debug,
    info,
    warning,
    error
};

/// How an event is written: for people, `2026-11-25T09:00:00.000000Z info host.active host_id=… ms=…`, or as
/// one JSON object a line, `{"time":…,"level":"info","event":"host.active","host_id":…,"ms":…}`.
enum class Format
{
    text,
    json
};

/// From which level on events are written, and how; `level` is one of the names of LOG_LEVEL. To standard
/// error.
void configure(std::string_view level, Format format);

/// One log line: an event with fields, written when it goes out of scope. A Redacted can be a field: it stays
/// redacted.
class Event
{
public:
    Event(Level level, std::string_view name);
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    ~Event();

    Event& field(std::string_view name, std::string_view value);

    Event& field(std::string_view name, const char* value) { return field(name, std::string_view{value}); }

    Event& field(std::string_view name, const std::string& value)
    {
        return field(name, std::string_view{value});
    }

    Event& field(std::string_view name, const Redacted&)
    {
        return field(name, std::string_view{"<redacted>"});
    }

    template <class Number>
        requires std::is_arithmetic_v<Number>
    Event& field(std::string_view name, Number value)
    {
        return bare_field(name, std::to_string(value));
    }

private:
    Event& bare_field(std::string_view name, std::string_view value);
    void append_name(std::string_view name);

    Level level_;
    bool enabled_;
    std::string line_;
};

inline Event debug(std::string_view name)
{
    return {Level::debug, name};
}

inline Event info(std::string_view name)
{
    return {Level::info, name};
}

inline Event warning(std::string_view name)
{
    return {Level::warning, name};
}

inline Event error(std::string_view name)
{
    return {Level::error, name};
}

} // namespace drukbox::service::log
