#include "http/server/tls_context.hpp"

#include <array>
#include <stdexcept>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace drukbox::http {
namespace {

[[noreturn]] void fail(const std::string& what)
{
    const char* reason = ERR_reason_error_string(ERR_peek_error());
    ERR_clear_error();
    throw std::runtime_error(what + (reason != nullptr ? std::string(": ") + reason : std::string()));
}

/// HTTP/1.1 is what is spoken here, whatever else a client offers. One that offers nothing of the kind is
/// served all the same.
int select_protocol(SSL*, const unsigned char** selected, unsigned char* size, const unsigned char* offered,
                    unsigned int offered_size, void*)
{
    static constexpr std::array<unsigned char, 9> ours{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* match = nullptr;
    const int found = SSL_select_next_proto(&match, size, ours.data(), ours.size(), offered, offered_size);
    *selected = match;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

} // namespace

void TlsContext::Free::operator()(SSL_CTX* context) const noexcept
{
    SSL_CTX_free(context);
}

TlsContext::TlsContext(const std::string& certificate_file, const std::string& key_file)
    : context_(SSL_CTX_new(TLS_server_method()))
{
    if (!context_) {
        fail("TLS cannot be set up");
    }
    auto* const context = context_.get();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    // Below 1.3, which has no others: keys that are gone after the connection, and ciphers that authenticate.
    if (SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) {
        fail("TLS cannot be set up");
    }
    // What is left of an answer is offered again, from wherever it lies by then.
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_alpn_select_cb(context, select_protocol, nullptr);
    if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1) {
        fail(certificate_file + " is no certificate in PEM form that can be read");
    }
    if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
        fail(key_file + " is no key in PEM form that can be read and fits the certificate");
    }
}

} // namespace drukbox::http
