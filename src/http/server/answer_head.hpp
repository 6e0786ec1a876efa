#pragma once

#include "http/message.hpp"

#include <string>
#include <string_view>

namespace drukbox::http {

/// Whether the connection outlives an answer, and who has to be told so.
enum class Persistence
{
    keep,           ///< HTTP/1.1: goes without saying.
    keep_announced, ///< HTTP/1.0.
    close
};

/// Throws std::invalid_argument if `response` cannot be put on the wire: a status that is not a final one, a
/// header field that would split the answer.
void check_answer(const Response& response);

/// How the client can tell where a body ends.
enum class Framing
{
    length,
    chunks,
    close ///< With the connection: HTTP/1.0, whose body is not there in full.
};

/// Appends the status line and header of an answer. Content-Length, Transfer-Encoding, Connection and Date
/// are the server's; such fields of `response` are left out. `date` as in a Date field.
void append_answer_head(std::string& out, const Response& response, Persistence persistence,
                        std::string_view date, Framing framing = Framing::length);

/// The beginning of a chunk of so many bytes; a line break ends it.
[[nodiscard]] std::string chunk_head(std::size_t size);

/// Whether an answer of this status has a body at all.
[[nodiscard]] bool has_body(unsigned status) noexcept;

/// Seconds since the epoch as an IMF-fixdate, RFC 9110.
[[nodiscard]] std::string http_date(std::time_t seconds);

} // namespace drukbox::http
