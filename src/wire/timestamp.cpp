#include "wire/timestamp.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace drukbox::wire {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;
using std::chrono::seconds;
using std::chrono::sys_days;

// What four digits of a year can say, and what every client's date type can hold.
constexpr Timestamp first{sys_days{std::chrono::year{1} / 1 / 1}};
constexpr Timestamp last{sys_days{std::chrono::year{9999} / 12 / 31} + 24h - 1us};

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

class Reader
{
public:
    explicit Reader(std::string_view text) noexcept
        : rest_(text)
    {
    }

    [[nodiscard]] bool done() const noexcept { return rest_.empty(); }

    bool accept(char c) noexcept
    {
        if (!next_is(c)) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }

    [[nodiscard]] bool next_is(char c) const noexcept { return !rest_.empty() && rest_.front() == c; }

    /// Exactly `digits` digits that make a number up to `max`.
    std::optional<int> number(std::size_t digits, int max) noexcept
    {
        if (rest_.size() < digits) {
            return std::nullopt;
        }
        int value = 0;
        for (const char c : rest_.substr(0, digits)) {
            if (!is_digit(c)) {
                return std::nullopt;
            }
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(digits);
        return value <= max ? std::optional{value} : std::nullopt;
    }

    /// One to nine digits of a fraction of a second.
    std::optional<microseconds> fraction() noexcept
    {
        const auto digits = static_cast<std::size_t>(
            std::distance(rest_.begin(), std::find_if_not(rest_.begin(), rest_.end(), is_digit)));
        if (digits < 1 || digits > 9) {
            return std::nullopt;
        }
        std::int64_t value = 0;
        for (std::size_t place = 0; place < 6; ++place) {
            value = value * 10 + (place < digits ? rest_[place] - '0' : 0);
        }
        rest_.remove_prefix(digits);
        return microseconds{value};
    }

    /// `+hh:mm`, and as some writers have it, `+hhmm` and `+hh:mm:ss`.
    std::optional<seconds> offset() noexcept
    {
        const bool east = accept('+');
        if (!east && !accept('-')) {
            return std::nullopt;
        }
        const auto hours = number(2, 23);
        const bool extended = accept(':');
        const auto minutes = number(2, 59);
        const auto secs = extended && accept(':') ? number(2, 59) : std::optional{0};
        if (!hours || !minutes || !secs) {
            return std::nullopt;
        }
        const seconds distance = std::chrono::hours{*hours} + std::chrono::minutes{*minutes} + seconds{*secs};
        return east ? distance : -distance;
    }

private:
    std::string_view rest_;
};

std::optional<sys_days> read_date(Reader& reader) noexcept
{
    const auto year = reader.number(4, 9999);
    const bool first_dash = reader.accept('-');
    const auto month = reader.number(2, 12);
    const bool second_dash = reader.accept('-');
    const auto day = reader.number(2, 31);
    if (!year || !first_dash || !month || !second_dash || !day) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    return date.ok() ? std::optional{sys_days{date}} : std::nullopt;
}

struct TimeOfDay
{
    microseconds since_midnight{0};
    bool leap_second = false;
};

std::optional<TimeOfDay> read_time(Reader& reader) noexcept
{
    const auto hour = reader.number(2, 23);
    const bool colon = reader.accept(':');
    const auto minute = reader.number(2, 59);
    if (!hour || !colon || !minute) {
        return std::nullopt;
    }
    TimeOfDay time;
    time.since_midnight = std::chrono::hours{*hour} + std::chrono::minutes{*minute};
    if (!reader.accept(':')) {
        return time;
    }
    const auto second = reader.number(2, 60);
    if (!second) {
        return std::nullopt;
    }
    time.since_midnight += seconds{*second};
    time.leap_second = *second == 60;
    if (reader.accept('.')) {
        const auto fraction = reader.fraction();
        if (!fraction) {
            return std::nullopt;
        }
        time.since_midnight += *fraction;
    }
    return time;
}

void append_number(std::string& out, std::int64_t value, int digits)
{
    const std::size_t begin = out.size();
    out.resize(begin + static_cast<std::size_t>(digits));
    for (auto place = out.size(); place > begin; value /= 10) {
        out[--place] = static_cast<char>('0' + value % 10);
    }
}

} // namespace

std::string format_timestamp(Timestamp time)
{
    time = std::clamp(time, first, last);
    const auto midnight = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{midnight};
    const std::chrono::hh_mm_ss clock{time - midnight};

    std::string out;
    out.reserve(27);
    append_number(out, static_cast<int>(date.year()), 4);
    out += '-';
    append_number(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_number(out, static_cast<unsigned>(date.day()), 2);
    out += 'T';
    append_number(out, clock.hours().count(), 2);
    out += ':';
    append_number(out, clock.minutes().count(), 2);
    out += ':';
    append_number(out, clock.seconds().count(), 2);
    if (const auto fraction = clock.subseconds(); fraction != 0us) {
        out += '.';
        append_number(out, fraction.count(), 6);
    }
    out += 'Z';
    return out;
}

std::variant<Timestamp, TimestampFault> parse_timestamp(std::string_view text) noexcept
{
    Reader reader{text};
    const auto date = read_date(reader);
    if (!date || !(reader.accept('T') || reader.accept('t') || reader.accept(' '))) {
        return TimestampFault::malformed;
    }
    const auto time = read_time(reader);
    if (!time) {
        return TimestampFault::malformed;
    }
    if (reader.done()) {
        return TimestampFault::no_offset;
    }
    const bool utc = reader.accept('Z') || reader.accept('z');
    const auto offset = utc ? std::optional{0s} : reader.offset();
    if (!offset || !reader.done()) {
        return TimestampFault::malformed;
    }
    const Timestamp result = *date + time->since_midnight - *offset;
    // A leap second ends a day in UTC; as everywhere in POSIX it counts as the first one of the next day.
    if (time->leap_second && std::chrono::floor<seconds>(result).time_since_epoch() % 24h != 0s) {
        return TimestampFault::malformed;
    }
    if (result < first || result > last) {
        return TimestampFault::malformed;
    }
    return result;
}

} // namespace drukbox::wire
