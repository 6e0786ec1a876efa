#pragma once

#include <string_view>

namespace drukbox::wire {

/// Whether a service may call a host this. A name ends up in shells, in files of ssh and beside the names of
/// other machines: labels of `[a-z0-9]`, with `-` inside, joined by `.`; 63 characters a label and 253 in
/// all. Neither an address, in whatever spelling a resolver takes for one, nor a name of the machine that
/// asks (`localhost`).
[[nodiscard]] bool is_host_name(std::string_view text) noexcept;

/// Whether `text` can be where ssh connects to: a host name of DNS in any case (`_` and a final dot
/// included), or an IPv4 or IPv6 address without brackets and zone.
[[nodiscard]] bool is_ssh_host(std::string_view text) noexcept;

/// Whether `text` can be whom ssh logs in as: `[A-Za-z0-9_.+@-]`, no `-` in front, at most 253 characters.
[[nodiscard]] bool is_ssh_username(std::string_view text) noexcept;

} // namespace drukbox::wire
