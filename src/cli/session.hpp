#pragma once

#include "cli/connection.hpp"
#include "cli/key_store.hpp"

#include <drukbox/sandbox_client.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::cli {

/// One command's conversation with the service. What the SDK throws leaves as a Failure.
class Session
{
public:
    explicit Session(const ConnectionOptions& options,
                     std::optional<std::chrono::milliseconds> timeout = std::nullopt);

    /// Runs an operation of the SDK.
    template <class Operation>
    auto call(Operation operation)
    {
        follow_service();
        try {
            return operation(client_);
        } catch (...) {
            rethrow_as_failure(std::current_exception());
        }
    }

    /// Every host; the keys kept of hosts that have been gone for long are forgotten.
    [[nodiscard]] std::vector<SandboxHost> list();

    /// The host that a person means by a name, an id or a prefix.
    [[nodiscard]] SandboxHost find(std::string_view reference);

    /// Removes a host, and the key kept of it.
    void remove(const std::string& host_id);

    [[nodiscard]] const KeyStore& keys() const noexcept { return keys_; }

    /// Keeps what is needed to log in to a host.
    void keep(const SandboxHost& host) const { keys_.keep(host, connection_.identity); }

private:
    void follow_service();
    void note(const std::string& host_id, bool known) const;
    [[noreturn]] void rethrow_as_failure(const std::exception_ptr& error) const;

    ConnectionOptions options_;
    std::optional<std::chrono::milliseconds> timeout_;
    Connection connection_;
    SandboxClient client_;
    KeyStore keys_;
};

} // namespace drukbox::cli
