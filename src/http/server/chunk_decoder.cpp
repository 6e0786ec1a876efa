#include "http/server/chunk_decoder.hpp"

#include "http/server/token.hpp"

#include <algorithm>

namespace drukbox::http {
namespace {

/// -1: none.
int hex_digit(char c) noexcept
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool is_blank(char c) noexcept
{
    return c == ' ' || c == '\t';
}

bool is_control(char c) noexcept
{
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

} // namespace

ChunkDecoder::Progress ChunkDecoder::decode(std::string_view& input, std::string& body)
{
    while (!input.empty()) {
        if (left_ == 0) {
            return Progress::too_large;
        }
        if (state_ == State::data) {
            // No more than the limit: a chunk that exceeds it was refused with its size.
            const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_, input.size()));
            body.append(input.substr(0, size));
            input.remove_prefix(size);
            left_ -= size;
            chunk_ -= size;
            state_ = chunk_ == 0 ? State::data_return : State::data;
            continue;
        }
        const char c = input.front();
        input.remove_prefix(1);
        --left_;
        if (++line_ > longest_line) {
            return Progress::too_large;
        }
        state_ = next(c);
        if (state_ == State::malformed) {
            return Progress::malformed;
        }
        if (state_ == State::done) {
            return Progress::complete;
        }
        if (state_ == State::data && chunk_ > left_) {
            return Progress::too_large;
        }
    }
    return Progress::incomplete;
}

ChunkDecoder::State ChunkDecoder::after_size(char c) const noexcept
{
    if (c == '\r') {
        return State::size_line_feed;
    }
    return c == ';' ? State::extension : is_blank(c) ? State::before_extension : State::malformed;
}

ChunkDecoder::State ChunkDecoder::next(char c) noexcept
{
    switch (state_) {
    case State::first_digit:
    case State::digits: {
        const int digit = hex_digit(c);
        if (digit < 0) {
            return state_ == State::digits ? after_size(c) : State::malformed;
        }
        if (chunk_ >> 60U != 0) {
            return State::malformed;
        }
        chunk_ = chunk_ * 16 + static_cast<unsigned>(digit);
        return State::digits;
    }
    case State::before_extension:
        return c == ';' ? State::extension : is_blank(c) ? State::before_extension : State::malformed;
    case State::extension:
        if (c == '\r') {
            return State::size_line_feed;
        }
        return is_blank(c) || c == ';' || c == '=' || is_token(c) ? State::extension : State::malformed;
    case State::size_line_feed:
        line_ = 0;
        if (c != '\n') {
            return State::malformed;
        }
        return chunk_ == 0 ? State::trailer : State::data;
    case State::data_return:
        return c == '\r' ? State::data_line_feed : State::malformed;
    case State::data_line_feed:
        line_ = 0;
        return c == '\n' ? State::first_digit : State::malformed;
    case State::trailer:
        if (c == '\r') {
            return State::last_line_feed;
        }
        return is_token(c) ? State::trailer_name : State::malformed;
    case State::trailer_name:
        if (c == ':') {
            return State::trailer_value;
        }
        return is_token(c) ? State::trailer_name : State::malformed;
    case State::trailer_value:
        if (c == '\r') {
            return State::trailer_line_feed;
        }
        return is_control(c) ? State::malformed : State::trailer_value;
    case State::trailer_line_feed:
        line_ = 0;
        return c == '\n' ? State::trailer : State::malformed;
    case State::last_line_feed:
        return c == '\n' ? State::done : State::malformed;
    case State::data:
    case State::done:
    case State::malformed:
        break;
    }
    return State::malformed;
}

} // namespace drukbox::http
