#include "wire/host_name.hpp"

#include "wire/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace drukbox::wire {
namespace {

constexpr std::size_t longest_name = 253;
constexpr std::size_t longest_label = 63;

bool is_hex_digit(char c) noexcept
{
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

std::string_view last_label(std::string_view name) noexcept
{
    return name.substr(name.rfind('.') + 1);
}

// inet_aton() takes `2130706433`, `0x7f.1` and `127.1` for 127.0.0.1: what ends in a number is an address.
bool ends_in_a_number(std::string_view name) noexcept
{
    const std::string_view last = last_label(name);
    return std::ranges::all_of(last, is_digit) ||
           (last.starts_with("0x") && std::ranges::all_of(last.substr(2), is_hex_digit));
}

// As Debian, Fedora and macOS have them in /etc/hosts, and RFC 6761 below `localhost`.
bool means_the_machine_itself(std::string_view name) noexcept
{
    constexpr std::array<std::string_view, 5> whole{"localhost4", "localhost6", "ip6-localhost",
                                                    "ip6-loopback", "broadcasthost"};
    constexpr std::array<std::string_view, 4> last{"localhost", "localdomain", "localdomain4",
                                                   "localdomain6"};
    return std::ranges::find(whole, name) != whole.end() ||
           std::ranges::find(last, last_label(name)) != last.end();
}

bool is_label(std::string_view label) noexcept
{
    const auto fits = [](char c) { return is_digit(c) || is_lower(c) || c == '-'; };
    return !label.empty() && label.size() <= longest_label && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, fits);
}

// Anything after a label's end is a label of its own: a name with a dot at its end has an empty one there.
bool has_only_labels(std::string_view name) noexcept
{
    for (;;) {
        const std::size_t dot = name.find('.');
        if (!is_label(name.substr(0, dot))) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return true;
        }
        name.remove_prefix(dot + 1);
    }
}

bool is_ipv6(std::string_view text)
{
    in6_addr address{};
    return text.size() < INET6_ADDRSTRLEN && text.find('\0') == std::string_view::npos &&
           ::inet_pton(AF_INET6, std::string{text}.c_str(), &address) == 1;
}

} // namespace

bool is_host_name(std::string_view text) noexcept
{
    return text.size() <= longest_name && has_only_labels(text) && !ends_in_a_number(text) &&
           !means_the_machine_itself(text);
}

bool is_ssh_host(std::string_view text) noexcept
{
    const auto fits = [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; };
    if (text.empty() || text.size() > longest_name) {
        return false;
    }
    if (text.find(':') != std::string_view::npos) {
        return is_ipv6(text);
    }
    return text.front() != '-' && text.front() != '.' && std::ranges::all_of(text, fits);
}

bool is_ssh_username(std::string_view text) noexcept
{
    const auto fits = [](char c) {
        return is_alphanumeric(c) || c == '_' || c == '.' || c == '+' || c == '@' || c == '-';
    };
    return !text.empty() && text.size() <= longest_name && text.front() != '-' &&
           std::ranges::all_of(text, fits);
}

} // namespace drukbox::wire
