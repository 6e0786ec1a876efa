#pragma once

#include "wire/timestamp.hpp"

#include <drukbox/sandbox_host.hpp>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::cli {

/// The SSH files of the hosts made from this account: a directory a host, 0700, and in it, 0600 and each
/// replaced as a whole, `id_ed25519`, `known_hosts`, `service`, which names the service that the host belongs
/// to, and, while that service does not know the host, `missing_since`.
///
/// Several processes may use one store at a time. Failures are thrown as Failure with the path concerned.
class KeyStore
{
public:
    /// How long a host is kept that its service does not know any more. A key is given out once, and one
    /// wrong answer of a service must not cost all of them.
    static constexpr std::chrono::days kept_for{30};

    explicit KeyStore(std::filesystem::path directory);

    /// Keeps what is needed to log in to a host: its known_hosts lines and, where it has one, its private
    /// key. A key kept before stays when the host comes without one.
    void keep(const SandboxHost& host, const std::string& service) const;

    /// The file of a host's private key, if one is kept.
    [[nodiscard]] std::optional<std::filesystem::path> private_key(std::string_view host_id) const;

    /// The file of a host's known_hosts lines, there or not.
    [[nodiscard]] std::filesystem::path known_hosts(std::string_view host_id) const;

    /// Forgets a host. Success when there is nothing to forget.
    void remove(std::string_view host_id) const;

    /// Notes that a host's service does not know it at this time. Forgets the host once that has been so for
    /// longer than `kept_for`.
    void missed(std::string_view host_id, wire::Timestamp now) const;

    /// The host's service knows it: whenever it was missed does not count any more.
    void found(std::string_view host_id) const;

    /// The ids of the hosts kept that belong to a service.
    [[nodiscard]] std::vector<std::string> hosts_of(const std::string& service) const;

private:
    [[nodiscard]] std::filesystem::path directory_of(std::string_view host_id) const;

    std::filesystem::path directory_;
};

} // namespace drukbox::cli
