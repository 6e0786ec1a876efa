#include "wire/requests/list_request.hpp"

#include "wire/ascii.hpp"
#include "wire/host_status.hpp"
#include "wire/percent.hpp"
#include "wire/requests/query.hpp"
#include "wire/utf8.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>

namespace drukbox::wire {
namespace {

namespace json = boost::json;

constexpr std::size_t largest_page = 1000;
constexpr std::size_t time_digits = 16;
constexpr std::size_t id_digits = 32;

std::optional<std::size_t> read_limit(const Query& query, Findings& findings)
{
    const auto text = query.find("limit");
    if (!text) {
        return std::nullopt;
    }
    json::array location{"query", "limit"};
    std::int64_t limit = 0;
    const auto* end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, limit);
    if (stop != end || (error != std::errc{} && error != std::errc::result_out_of_range)) {
        findings.add("int_parsing", std::move(location),
                     "Input should be a valid integer, unable to parse string as an integer");
        return std::nullopt;
    }
    const bool out_of_range = error == std::errc::result_out_of_range;
    if (out_of_range ? text->starts_with('-') : limit < 1) {
        findings.add("greater_than_equal", std::move(location), "Input should be greater than or equal to 1");
        return std::nullopt;
    }
    if (out_of_range || static_cast<std::size_t>(limit) > largest_page) {
        findings.add("less_than_equal", std::move(location), "Input should be less than or equal to 1000");
        return std::nullopt;
    }
    return static_cast<std::size_t>(limit);
}

/// A cursor: the time of creation in microseconds, then the id, both in lower-case hex digits.
std::string format_cursor(const ListPosition& position)
{
    std::array<char, time_digits + 1> time{};
    std::snprintf(time.data(), time.size(), "%016llx",
                  static_cast<unsigned long long>(position.created_at.time_since_epoch().count()));
    auto id = position.id.str();
    std::erase(id, '-');
    return time.data() + id;
}

std::optional<ListPosition> parse_cursor(std::string_view text)
{
    const bool digits =
        std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
    if (!digits || text.size() != time_digits + id_digits || text.front() > '7') {
        return std::nullopt;
    }
    std::int64_t micros = 0;
    std::from_chars(text.data(), text.data() + time_digits, micros, 16);
    return ListPosition{Timestamp{std::chrono::microseconds{micros}},
                        Uuid::parse(text.substr(time_digits)).value()};
}

std::optional<ListPosition> read_cursor(const Query& query, Findings& findings)
{
    const auto text = query.find("cursor");
    if (!text) {
        return std::nullopt;
    }
    const auto position = parse_cursor(*text);
    if (!position) {
        findings.add_rule({"query", "cursor"}, "cursor must come from a Link header");
    }
    return position;
}

std::optional<std::string> read_status(const Query& query, Findings& findings)
{
    auto text = query.find("status");
    if (text && std::ranges::find(host_statuses, *text) == host_statuses.end()) {
        findings.add("enum", {"query", "status"},
                     "Input should be 'provisioning', 'creating_network', 'creating_vm', 'bootstrapping', "
                     "'active' or 'error'");
    }
    return text;
}

std::optional<std::string> read_provider(const Query& query, Findings& findings)
{
    auto text = query.find("provider");
    if (text && (text->empty() || text->find('\0') != std::string::npos || !is_utf8(*text))) {
        findings.add_rule({"query", "provider"}, "provider must be a name");
    }
    return text;
}

} // namespace

ListRequest read_list_request(std::string_view target, Findings& findings)
{
    const Query query{target};
    ListRequest request;
    const auto limit = read_limit(query, findings);
    request.limit = limit.value_or(request.limit);
    request.after = read_cursor(query, findings);
    request.status = read_status(query, findings);
    request.provider = read_provider(query, findings);
    request.all = !limit && !request.after;
    return request;
}

std::string next_link(std::string_view prefix, const ListRequest& page, const ListPosition& last)
{
    auto query = "limit=" + std::to_string(page.limit) + "&cursor=" + format_cursor(last);
    if (page.status) {
        query += "&status=" + *page.status;
    }
    if (page.provider) {
        query += "&provider=" + percent_encode(*page.provider);
    }
    return "<" + std::string{prefix} + "/hosts?" + query + ">; rel=\"next\"";
}

} // namespace drukbox::wire
