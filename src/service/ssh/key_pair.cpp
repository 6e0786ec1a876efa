#include "service/ssh/key_pair.hpp"

#include <libssh/libssh.h>

#include <memory>
#include <stdexcept>

namespace drukbox::service::ssh {
namespace {

struct KeyDeleter
{
    void operator()(ssh_key_struct* key) const noexcept { ssh_key_free(key); }
};

struct TextDeleter
{
    void operator()(char* text) const noexcept { ssh_string_free_char(text); }
};

} // namespace

KeyPair KeyPair::generate()
{
    ssh_key raw = nullptr;
    if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &raw) != SSH_OK) {
        throw std::runtime_error("an ed25519 key could not be generated");
    }
    const std::unique_ptr<ssh_key_struct, KeyDeleter> key{raw};

    char* text = nullptr;
    if (ssh_pki_export_privkey_base64(key.get(), nullptr, nullptr, nullptr, &text) != SSH_OK) {
        throw std::runtime_error("a private key could not be exported");
    }
    const std::unique_ptr<char, TextDeleter> private_text{text};

    text = nullptr;
    if (ssh_pki_export_pubkey_base64(key.get(), &text) != SSH_OK) {
        throw std::runtime_error("a public key could not be exported");
    }
    const std::unique_ptr<char, TextDeleter> public_text{text};

    KeyPair pair;
    pair.private_key = Redacted{private_text.get()};
    pair.public_key = std::string{"ssh-ed25519 "} + public_text.get();
    return pair;
}

} // namespace drukbox::service::ssh
