#pragma once

#include <memory>
#include <string>

#include <openssl/types.h>

namespace drukbox::http {

/// A server's certificate and key, and how it speaks TLS: version 1.2 at least, and with that only ECDHE and
/// AEAD ciphers. Immutable; connections that were made with it outlive it.
class TlsContext
{
public:
    /// From PEM files: the certificate, followed by those of its chain, and its key. Throws
    /// std::runtime_error that says which file is wrong, and how.
    TlsContext(const std::string& certificate_file, const std::string& key_file);
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

    [[nodiscard]] SSL_CTX* native() const noexcept { return context_.get(); }

private:
    struct Free
    {
        void operator()(SSL_CTX* context) const noexcept;
    };

    std::unique_ptr<SSL_CTX, Free> context_;
};

} // namespace drukbox::http
