#include "service/runtime/log.hpp"

#include "wire/json_text.hpp"
#include "wire/printable_text.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <memory>

namespace drukbox::service::log {
namespace {

// Beside spdlog's default logger, which is as global: an event has to know it while it is put together.
std::atomic<Format> format_in_force = Format::text;

bool writes_json()
{
    return format_in_force.load(std::memory_order_relaxed) == Format::json;
}

spdlog::level::level_enum spdlog_level(Level level)
{
    switch (level) {
    case Level::debug:
        return spdlog::level::debug;
    case Level::info:
        return spdlog::level::info;
    case Level::warning:
        return spdlog::level::warn;
    case Level::error:
        return spdlog::level::err;
    }
    return spdlog::level::err;
}

bool plain(std::string_view value)
{
    return !value.empty() && std::ranges::all_of(value, [](unsigned char c) {
        return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
    });
}

/// Quoted, so that one event is always one line, and commands no terminal, whatever a peer made us log.
void append_quoted(std::string& line, std::string_view value)
{
    line += '"';
    for (auto special = value.find_first_of("\"\\"); special != value.npos;
         special = value.find_first_of("\"\\")) {
        line += wire::printable(value.substr(0, special));
        line += '\\';
        line += value[special];
        value.remove_prefix(special + 1);
    }
    line += wire::printable(value);
    line += '"';
}

} // namespace

void configure(std::string_view level, Format format)
{
    auto logger =
        std::make_shared<spdlog::logger>("drukbox", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_pattern(format == Format::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%v})"
                                               : "%Y-%m-%dT%H:%M:%S.%fZ %l %v",
                        spdlog::pattern_time_type::utc);
    logger->set_level(spdlog::level::from_str(std::string{level}));
    logger->flush_on(spdlog::level::info);
    format_in_force = format;
    spdlog::set_default_logger(std::move(logger));
}

Event::Event(Level level, std::string_view name)
    : level_(level)
    , enabled_(spdlog::should_log(spdlog_level(level)))
{
    if (!enabled_) {
        return;
    }
    if (writes_json()) {
        line_ = "\"event\":";
        wire::append_json_string(line_, name);
    } else {
        line_ = name;
    }
}

Event::~Event()
{
    if (enabled_) {
        spdlog::log(spdlog_level(level_), spdlog::string_view_t{line_.data(), line_.size()});
    }
}

Event& Event::field(std::string_view name, std::string_view value)
{
    if (!enabled_) {
        return *this;
    }
    append_name(name);
    if (writes_json()) {
        wire::append_json_string(line_, value);
    } else if (plain(value)) {
        line_ += value;
    } else {
        append_quoted(line_, value);
    }
    return *this;
}

Event& Event::bare_field(std::string_view name, std::string_view value)
{
    if (enabled_) {
        append_name(name);
        line_ += value;
    }
    return *this;
}

void Event::append_name(std::string_view name)
{
    if (writes_json()) {
        line_ += ',';
        wire::append_json_string(line_, name);
        line_ += ':';
    } else {
        line_ += ' ';
        line_ += name;
        line_ += '=';
    }
}

} // namespace drukbox::service::log
