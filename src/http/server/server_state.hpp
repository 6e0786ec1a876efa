#pragma once

#include "http/server/connection_table.hpp"
#include "http/server/server.hpp"
#include "http/server/tls_context.hpp"

#include <array>
#include <ctime>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace drukbox::http {

/// What the connections of a server share. A connection knows this, and not the loops that make and watch it.
class ServerState
{
public:
    ServerState(ServerOptions options, Server::Handler handler);
    ServerState(const ServerState&) = delete;
    ServerState& operator=(const ServerState&) = delete;
    virtual ~ServerState() = default;

    virtual void joined(ConnectionTable::Entry& connection, const PeerId& peer) = 0;
    virtual void left(ConnectionTable::Entry& connection) noexcept = 0;

    [[nodiscard]] ConnectionTable& connections() noexcept { return connections_; }

    [[nodiscard]] const ServerOptions& options() const noexcept { return options_; }

    /// Of connections that are accepted from now on; null: none.
    void use_tls(std::shared_ptr<const TlsContext> tls) noexcept { tls_ = std::move(tls); }

    [[nodiscard]] const TlsContext* tls() const noexcept { return tls_.get(); }

    [[nodiscard]] const Server::Handler& handler() const noexcept { return handler_; }

    [[nodiscard]] bool stopping() const noexcept { return stopping_; }

    /// The answer to what the server refuses by itself.
    [[nodiscard]] Response refusal(unsigned status, std::string_view reason) const;
    void unhandled(std::exception_ptr failure) const;
    /// Now, as in a Date field.
    [[nodiscard]] std::string_view date();

    /// Not to be relied upon beyond the next suspension.
    [[nodiscard]] std::span<char> scratch() noexcept { return scratch_; }

    /// Empty, with room for a header. Not to be relied upon beyond the next suspension.
    [[nodiscard]] std::string& scratch_text() noexcept
    {
        scratch_text_.clear();
        return scratch_text_;
    }

protected:
    void begin_to_stop() noexcept { stopping_ = true; }

private:
    ServerOptions options_;
    Server::Handler handler_;
    std::shared_ptr<const TlsContext> tls_;
    bool stopping_ = false;
    ConnectionTable connections_;
    std::time_t date_second_ = 0;
    std::string date_;
    std::string scratch_text_;
    std::array<char, 65536> scratch_;
};

} // namespace drukbox::http
