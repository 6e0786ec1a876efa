#pragma once

#include "support/scripted_server.hpp"

#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace drukbox::test {

/// Stands between a provider and an HTTP API, and breaks one request on demand: one that is not handed on, or
/// one that is, and whose answer is lost.
class FaultingProxy
{
public:
    enum class Fault
    {
        refuse,     ///< Cut before it is handed on.
        lose_answer ///< Handed on, answered, and cut.
    };

    using Connect = std::function<Peer()>;

    explicit FaultingProxy(Connect upstream);

    [[nodiscard]] std::uint16_t port() const noexcept { return server_.port(); }

    /// Counts from here: request number `request`, from 0, meets the fault.
    void arm(std::size_t request, Fault fault);

    /// Counts from here; nothing is broken.
    void heal();

    /// Requests since it was armed or healed.
    [[nodiscard]] std::size_t requests();

private:
    void serve(Peer& client);
    std::optional<Fault> next();

    Connect upstream_;
    std::mutex mutex_;
    std::size_t count_ = 0;
    std::optional<std::pair<std::size_t, Fault>> armed_;
    ScriptedServer server_;
};

} // namespace drukbox::test
