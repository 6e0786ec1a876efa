#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace drukbox::http {

/// Takes a body in chunks apart as its bytes come in, RFC 9112, 7.1.
///
/// Every byte counts against one limit, whatever it is: data, the size of a chunk, its extensions, trailers.
/// Extensions and trailers are dropped. What two readers could understand in two ways is malformed: a line
/// that does not end in CR LF, a quoted string in an extension, a trailer that goes on in the next line.
class ChunkDecoder
{
public:
    enum class Progress
    {
        incomplete, ///< All of the input was consumed; more is needed.
        complete,   ///< What is left of the input belongs to the next request.
        malformed,
        too_large
    };

    /// The longest line of a chunk's size and extensions, or of a trailer.
    static constexpr std::size_t longest_line = 1024;

    explicit ChunkDecoder(std::size_t limit) noexcept
        : left_(limit)
    {
    }

    /// Removes from the front of `input` what it has understood, and appends the data to `body`. Not to be
    /// called again once it has returned something else than `incomplete`.
    Progress decode(std::string_view& input, std::string& body);

private:
    enum class State
    {
        first_digit,
        digits,
        before_extension,
        extension,
        size_line_feed,
        data,
        data_return,
        data_line_feed,
        trailer,
        trailer_name,
        trailer_value,
        trailer_line_feed,
        last_line_feed,
        done,
        malformed
    };

    [[nodiscard]] State next(char c) noexcept;
    [[nodiscard]] State after_size(char c) const noexcept;

    State state_ = State::first_digit;
    std::size_t left_;
    std::uint64_t chunk_ = 0; ///< What is to come of the chunk.
    std::size_t line_ = 0;    ///< How long the line is by now.
};

} // namespace drukbox::http
