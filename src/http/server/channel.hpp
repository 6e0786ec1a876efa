#pragma once

#include "http/server/tls_context.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include <openssl/types.h>

namespace drukbox::http {

/// How the bytes of a connection travel: as they are, or inside TLS. Neither waits; the socket is somebody
/// else's, and non-blocking.
class Channel
{
public:
    enum class Progress
    {
        done,        ///< `bytes` went through.
        wants_read,  ///< Try again when the socket can be read.
        wants_write, ///< Try again when the socket can be written.
        closed       ///< The peer has finished sending, or the connection is broken.
    };

    class Result
    {
    public:
        Progress progress = Progress::closed;
        std::size_t bytes = 0; ///< At least 1 when done.
    };

    /// Bytes as they are.
    explicit Channel(int fd) noexcept;

    /// Inside TLS, as its server; in the clear where `tls` is null. The handshake goes along with the first
    /// receive(). Throws std::bad_alloc.
    Channel(int fd, const TlsContext* tls);

    /// Receives what is there, up to the size of `into`.
    [[nodiscard]] Result receive(std::span<char> into) noexcept;

    /// Sends what goes at once of the one and then the other; `first` and `second` are not both empty. What
    /// was not taken is to be offered again first.
    [[nodiscard]] Result send(std::string_view first, std::string_view second) noexcept;

    /// Something has arrived that the socket no longer announces.
    [[nodiscard]] bool holds_input() const noexcept;

    /// Tells the peer that nothing more comes, as far as that goes at once.
    void finish() noexcept;

private:
    struct Free
    {
        void operator()(SSL* ssl) const noexcept;
    };

    [[nodiscard]] Result tls_result(int returned) const noexcept;

    int fd_;
    std::unique_ptr<SSL, Free> ssl_;
};

} // namespace drukbox::http
