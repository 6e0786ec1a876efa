#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::service::hetzner {

/// A server as an answer shows it.
class Server
{
public:
    Server() = default;

    std::int64_t id = 0;
    std::string name;
    std::string status;       ///< `initializing`, `running`, `deleting`, …
    std::string ipv4;         ///< Empty while it has none.
    std::string owner;        ///< Its label `managed-by`.
    std::string installation; ///< Its label `drukbox-installation`; empty without one.
    std::string host;         ///< Its label `drukbox-host-name`; its name where it has none.
};

class ServerPage
{
public:
    ServerPage() = default;

    std::vector<Server> servers;
    std::optional<std::int64_t> next_page;
};

class SshKey
{
public:
    SshKey() = default;

    std::int64_t id = 0;
    std::string name;
    std::string owner;        ///< Its label `managed-by`; empty without one.
    std::string installation; ///< Its label `drukbox-installation`; empty without one.
};

// Each reads the body of a successful answer, and throws MalformedAnswer.

/// `{"server": {…}}`, of a create too.
[[nodiscard]] Server parse_server(std::string_view body);
[[nodiscard]] ServerPage parse_servers(std::string_view body);

/// `meta.pagination.total_entries`.
[[nodiscard]] std::int64_t parse_total(std::string_view body);

/// `{"ssh_key": {…}}`.
[[nodiscard]] SshKey parse_ssh_key(std::string_view body);
[[nodiscard]] std::vector<SshKey> parse_ssh_keys(std::string_view body);

} // namespace drukbox::service::hetzner
