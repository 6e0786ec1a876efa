#include "service/sealing/sealer.hpp"

#include "service/base/setting_error.hpp"
#include "service/runtime/private_file.hpp"

#include <sodium.h>

#include <algorithm>
#include <ranges>

namespace drukbox::service {
namespace {

constexpr std::string_view key_form =
    "should be base64 of 32 bytes (openssl rand -base64 32), several separated by commas";

void require_sodium()
{
    if (sodium_init() < 0) {
        throw std::runtime_error("libsodium cannot be initialised");
    }
}

std::string to_base64(const unsigned char* bytes, std::size_t size)
{
    std::string text(sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes, size, sodium_base64_VARIANT_ORIGINAL);
    text.pop_back(); // the terminating NUL, which the length counts
    return text;
}

std::optional<std::vector<unsigned char>> from_base64(std::string_view text)
{
    // One more than needed: libsodium takes no null pointer, not even for nothing.
    std::vector<unsigned char> bytes(text.size() + 1);
    std::size_t size = 0;
    if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), " \r\n", &size, nullptr,
                          sodium_base64_VARIANT_ORIGINAL) != 0) {
        return std::nullopt;
    }
    bytes.resize(size);
    return bytes;
}

constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* bytes_of(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

} // namespace

Sealer::Sealer(const Redacted& keys)
{
    require_sodium();
    for (const auto part : std::views::split(std::string_view{keys.reveal()}, ',')) {
        const auto bytes = from_base64(std::string_view{part.begin(), part.end()});
        Key key{};
        if (!bytes || bytes->size() != key.size()) {
            throw SettingError("SEALING_KEY", key_form);
        }
        std::ranges::copy(*bytes, key.begin());
        keys_.push_back(key);
    }
    if (keys_.empty()) {
        throw SettingError("SEALING_KEY", key_form);
    }
}

Sealer Sealer::from_file(const std::filesystem::path& path)
{
    require_sodium();
    const auto text = read_or_create_private_file(path, [] {
        Key key{};
        randombytes_buf(key.data(), key.size());
        return to_base64(key.data(), key.size()) + "\n";
    });
    try {
        return Sealer{Redacted{text}};
    } catch (const SettingError&) {
        throw SettingError(path.string(), key_form);
    }
}

std::string Sealer::seal(const Redacted& secret, std::string_view bound_to) const
{
    const auto& text = secret.reveal();
    std::vector<unsigned char> sealed(nonce_size + text.size() + tag_size);
    randombytes_buf(sealed.data(), nonce_size);
    unsigned long long size = 0;
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + nonce_size, &size, bytes_of(text), text.size(),
                                               bytes_of(bound_to), bound_to.size(), nullptr, sealed.data(),
                                               keys_.front().data());
    return to_base64(sealed.data(), nonce_size + size);
}

Redacted Sealer::unseal(std::string_view sealed, std::string_view bound_to) const
{
    const auto bytes = from_base64(sealed);
    if (bytes && bytes->size() >= nonce_size + tag_size) {
        std::string text(bytes->size() - nonce_size - tag_size, '\0');
        for (const auto& key : keys_) {
            unsigned long long size = 0;
            if (crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(text.data()),
                                                           &size, nullptr, bytes->data() + nonce_size,
                                                           bytes->size() - nonce_size, bytes_of(bound_to),
                                                           bound_to.size(), bytes->data(), key.data()) == 0) {
                return Redacted{std::move(text)};
            }
        }
    }
    throw UnsealError("a sealed value cannot be opened with the present SEALING_KEY");
}

std::vector<std::string> Sealer::fingerprints() const
{
    std::vector<std::string> result;
    for (const auto& key : keys_) {
        std::array<unsigned char, 16> hash{};
        constexpr std::string_view purpose = "drukbox sealing key";
        crypto_generichash(hash.data(), hash.size(), bytes_of(purpose), purpose.size(), key.data(),
                           key.size());
        result.push_back(to_base64(hash.data(), hash.size()));
    }
    return result;
}

} // namespace drukbox::service
