#include "sdk/host_check.hpp"

#include "wire/host_name.hpp"
#include "wire/printable_text.hpp"
#include "wire/shape_error.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drukbox::sdk {
namespace {

std::string shown(std::string_view text)
{
    constexpr std::size_t most = 80;
    return wire::printable(text.substr(0, most)) + (text.size() > most ? "..." : "");
}

bool is_visible(char c) noexcept
{
    return c > ' ' && c < 0x7f;
}

// An id is a UUID at every service that is known; it may become a part of a path, here and at its owner's.
bool is_host_id(std::string_view text) noexcept
{
    constexpr std::size_t longest = 64;
    const auto fits = [](char c) { return is_visible(c) && c != '/' && c != '\\'; };
    return !text.empty() && text.size() <= longest && text.front() != '-' && text.front() != '.' &&
           std::ranges::all_of(text, fits);
}

// PEM and known_hosts: lines of ASCII. A carriage return alone ends a line for some readers and not for
// others.
bool is_lines(std::string_view text) noexcept
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool ends_line = c == '\n' || (c == '\r' && text.substr(i + 1).starts_with('\n'));
        if (!is_visible(c) && c != ' ' && c != '\t' && !ends_line) {
            return false;
        }
    }
    return true;
}

std::string_view take_field(std::string_view& line) noexcept
{
    constexpr std::string_view blanks = " \t\r";
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    const std::string_view field = line.substr(0, line.find_first_of(blanks));
    line.remove_prefix(field.size());
    return field;
}

bool equal_names(std::string_view one, std::string_view other) noexcept
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(one, other, {}, lower, lower);
}

// Where a host is, as known_hosts writes it.
class Names
{
public:
    void add(std::string_view name)
    {
        if (!name.empty()) {
            names_.emplace_back(name);
            names_.push_back("[" + std::string{name} + "]:22");
        }
    }

    void add(std::string_view name, std::uint16_t port)
    {
        if (port == 22) {
            add(name);
        } else if (!name.empty()) {
            names_.push_back("[" + std::string{name} + "]:" + std::to_string(port));
        }
    }

    /// Whether a line of known_hosts says nothing of anybody else. A line without a key says nothing at all.
    [[nodiscard]] bool own(std::string_view line) const
    {
        std::string_view hosts = take_field(line);
        const bool has_key = !take_field(line).empty() && !take_field(line).empty();
        if (hosts.starts_with('#') || !has_key) {
            return true;
        }
        for (;;) {
            const std::size_t comma = hosts.find(',');
            const std::string_view host = hosts.substr(0, comma);
            if (std::ranges::none_of(names_, [host](const auto& name) { return equal_names(host, name); })) {
                return false;
            }
            if (comma == std::string_view::npos) {
                return true;
            }
            hosts.remove_prefix(comma + 1);
        }
    }

private:
    std::vector<std::string> names_;
};

std::string own_lines(std::string_view text, const Names& names)
{
    std::string own;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end == std::string_view::npos ? end : end + 1);
        if (names.own(line.substr(0, end))) {
            own += line;
        }
        text.remove_prefix(line.size());
    }
    return own;
}

// The members of one record.
class Check
{
public:
    explicit Check(std::string_view id)
        : id_(id)
    {
        require(is_host_id(id), "id", "is no id");
    }

    void name(std::string_view name) const
    {
        require(wire::is_host_name(name), "name", "'" + shown(name) + "' is no name for a host");
    }

    void address(std::string_view member, std::string_view host) const
    {
        require(host.empty() || wire::is_ssh_host(host), member,
                "'" + shown(host) + "' is no host name or address");
    }

    void port(std::string_view member, std::string_view host, std::uint16_t port) const
    {
        require(host.empty() || port != 0, member, "0 is no port");
    }

    void username(std::string_view username) const
    {
        require(username.empty() || wire::is_ssh_username(username), "ssh_username",
                "'" + shown(username) + "' is no user name");
    }

    // The text is not shown where it may be a key.
    void lines(std::string_view member, std::string_view text) const
    {
        require(is_lines(text), member, "has characters other than printable ASCII and line ends");
    }

private:
    void require(bool condition, std::string_view member, std::string_view problem) const
    {
        if (!condition) {
            throw wire::ShapeError("host " + shown(id_) + ": " + std::string{member} + ": " +
                                   std::string{problem});
        }
    }

    std::string_view id_;
};

} // namespace

void check(SandboxHost& host)
{
    const Check check{host.id};
    const std::string_view internal = host.internal_ssh_host ? std::string_view{*host.internal_ssh_host} : "";
    check.name(host.name);
    check.address("external_ssh_host", host.external_ssh_host);
    check.port("external_ssh_port", host.external_ssh_host, host.external_ssh_port);
    check.address("internal_ssh_host", internal);
    check.username(host.ssh_username);
    check.lines("known_hosts", host.known_hosts);
    check.lines("private_key", host.private_key ? std::string_view{*host.private_key} : "");

    Names names;
    names.add(host.external_ssh_host, host.external_ssh_port);
    names.add(internal);
    host.known_hosts = own_lines(host.known_hosts, names);
}

void check(litterbox::SandboxHost& host)
{
    const Check check{host.id};
    check.name(host.name);
    check.address("ssh_host", host.ssh_host);
    check.port("ssh_port", host.ssh_host, host.ssh_port);
    check.lines("known_hosts", host.known_hosts);

    Names names;
    names.add(host.ssh_host, host.ssh_port);
    host.known_hosts = own_lines(host.known_hosts, names);
}

} // namespace drukbox::sdk
