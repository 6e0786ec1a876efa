#include "wire/uuid.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <span>
#include <system_error>

#include <sys/random.h>

namespace drukbox::wire {
namespace {

constexpr std::string_view urn_prefix = "urn:uuid:";
constexpr std::size_t simple_length = 32;
constexpr std::size_t canonical_length = 36;

constexpr bool dash_before(std::size_t byte) noexcept
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

int hex_value(char c) noexcept
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool starts_with_urn(std::string_view text) noexcept
{
    // RFC 8141: the scheme and the namespace are the same in either case.
    return std::ranges::equal(text.substr(0, urn_prefix.size()), urn_prefix,
                              [](char c, char prefix) { return c == prefix || (c | 0x20) == prefix; });
}

std::optional<Uuid> parse_digits(std::string_view text, bool dashes) noexcept
{
    Uuid::Bytes bytes{};
    std::size_t at = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (dashes && dash_before(i) && text[at++] != '-') {
            return std::nullopt;
        }
        const int high = hex_value(text[at++]);
        const int low = hex_value(text[at++]);
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return Uuid{bytes};
}

void fill_random(std::span<std::uint8_t> out)
{
    if (::getentropy(out.data(), out.size()) != 0) {
        throw std::system_error(errno, std::generic_category(), "getentropy");
    }
}

// RFC 9562, 6.2, method 1: the 48 bits of the millisecond and the 12 bits of rand_a count as one number, so
// that a counter that overflows borrows from the next millisecond. A clock that goes back a little (another
// thread read it earlier, or it was corrected) does not break the order.
std::uint64_t next_tick(std::uint64_t millisecond, std::uint64_t seed) noexcept
{
    constexpr std::uint64_t tolerated_ms = 1000;
    static std::atomic<std::uint64_t> latest{0};

    std::uint64_t previous = latest.load(std::memory_order_relaxed);
    std::uint64_t next = 0;
    do {
        const std::uint64_t previous_ms = previous >> 12;
        const bool clock_is_behind = millisecond <= previous_ms && previous_ms - millisecond <= tolerated_ms;
        next = clock_is_behind ? previous + 1 : millisecond << 12 | seed;
    } while (!latest.compare_exchange_weak(previous, next, std::memory_order_relaxed));
    return next;
}

} // namespace

Uuid Uuid::v7(Timestamp now)
{
    Bytes bytes{};
    fill_random(std::span{bytes}.subspan(6));
    // The counter starts in the lower half of its range, to have room.
    const std::uint64_t seed = (bytes[6] & 0x07U) << 8 | bytes[7];
    const auto millisecond = std::chrono::floor<std::chrono::milliseconds>(now).time_since_epoch().count();
    const std::uint64_t tick = next_tick(static_cast<std::uint64_t>(millisecond) & 0xffffffffffff, seed);

    for (std::size_t i = 0; i < 6; ++i) {
        bytes[i] = static_cast<std::uint8_t>(tick >> (52 - 8 * i));
    }
    bytes[6] = static_cast<std::uint8_t>(0x70 | (tick >> 8 & 0x0f));
    bytes[7] = static_cast<std::uint8_t>(tick);
    bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3f));
    return Uuid{bytes};
}

std::optional<Uuid> Uuid::parse(std::string_view text) noexcept
{
    if (text.size() == urn_prefix.size() + canonical_length && starts_with_urn(text)) {
        return parse_digits(text.substr(urn_prefix.size()), true);
    }
    if (text.size() > 2 && text.front() == '{' && text.back() == '}') {
        text = text.substr(1, text.size() - 2);
    }
    if (text.size() != simple_length && text.size() != canonical_length) {
        return std::nullopt;
    }
    return parse_digits(text, text.size() == canonical_length);
}

std::string Uuid::str() const
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(canonical_length);
    for (std::size_t i = 0; i < bytes_.size(); ++i) {
        if (dash_before(i)) {
            out += '-';
        }
        out += digits[bytes_[i] >> 4];
        out += digits[bytes_[i] & 0x0f];
    }
    return out;
}

} // namespace drukbox::wire

std::size_t std::hash<drukbox::wire::Uuid>::operator()(const drukbox::wire::Uuid& id) const noexcept
{
    const auto& bytes = id.bytes();
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}
