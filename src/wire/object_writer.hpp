#pragma once

#include "wire/json_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drukbox::wire {

/// Appends one JSON object to a string, key by key, without a tree in between. Keys must need no escaping,
/// those of text_key() excepted. The object is complete after close().
class ObjectWriter
{
public:
    explicit ObjectWriter(std::string& out, Escapes escapes = Escapes::unprintable)
        : out_(out)
        , escapes_(escapes)
    {
        out_ += '{';
    }

    void string(std::string_view key, std::string_view value);
    void integer(std::string_view key, std::int64_t value);
    void boolean(std::string_view key, bool value);
    void null(std::string_view key);

    void nullable(std::string_view key, const std::optional<std::string>& value)
    {
        value ? string(key, *value) : null(key);
    }

    void nullable(std::string_view key, const std::optional<std::int64_t>& value)
    {
        value ? integer(key, *value) : null(key);
    }

    /// Begins a member; the caller appends its value to the string.
    void key(std::string_view key);
    void text_key(std::string_view key);

    void close() { out_ += '}'; }

private:
    void separate();

    std::string& out_;
    Escapes escapes_;
    bool first_ = true;
};

} // namespace drukbox::wire
