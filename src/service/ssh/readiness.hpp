#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace drukbox::service::ssh {

/// Where a machine's SSH server is to be reached.
class Address
{
public:
    Address() = default;

    Address(std::string name_or_ip, std::uint16_t tcp_port)
        : host(std::move(name_or_ip))
        , port(tcp_port)
    {
    }

    std::string host;
    std::uint16_t port = 22;
};

/// SSH does not answer, or not as the machine that was expected. `what()` is safe to show a caller.
class NotReachable : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// Another machine answers, or the machine did not take the key that it was given.
class HostKeyDiffers : public NotReachable
{
public:
    using NotReachable::NotReachable;
};

/// Waits until an SSH server answers with this host key (`ssh-ed25519 AAAA…`), trying again and again until
/// then. Throws HostKeyDiffers at once for a server that shows another key, NotReachable when the time is
/// over. Handshakes block and run on `blocking`, one at a time, each for a few seconds at most.
[[nodiscard]] boost::asio::awaitable<void> wait_for_ssh(boost::asio::thread_pool& blocking, Address address,
                                                        std::string host_key,
                                                        std::chrono::steady_clock::time_point until);

/// Waits until an SSH server answers, and returns its host keys, one a type. To be trusted only on first use.
/// Throws NotReachable.
[[nodiscard]] boost::asio::awaitable<std::vector<std::string>>
scan_host_keys(boost::asio::thread_pool& blocking, Address address,
               std::chrono::steady_clock::time_point until);

/// A known_hosts line, with its newline: `[host]:port` for a port other than 22.
[[nodiscard]] std::string known_hosts_line(const Address& address, const std::string& host_key);

} // namespace drukbox::service::ssh
