#pragma once

#include "service/base/redacted.hpp"

#include <array>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::service {

/// A sealed text that no key opens: another key sealed it, or it was changed.
class UnsealError : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// Seals secrets that must rest in the database: XChaCha20-Poly1305, the host's id bound in, so that a sealed
/// key cannot be moved to another row. Thread safe once made.
class Sealer
{
public:
    /// `keys` is the value of SEALING_KEY: base64 of 32 bytes each, separated by commas. The first one seals,
    /// all of them open. Throws SettingError.
    explicit Sealer(const Redacted& keys);

    /// The key file below `state_dir`, made there, 0600, when there is none. Throws SettingError.
    [[nodiscard]] static Sealer from_file(const std::filesystem::path& path);

    [[nodiscard]] std::string seal(const Redacted& secret, std::string_view bound_to) const;

    /// Throws UnsealError.
    [[nodiscard]] Redacted unseal(std::string_view sealed, std::string_view bound_to) const;

    /// What tells the keys apart without giving them away, the sealing one first; kept in the database.
    [[nodiscard]] std::vector<std::string> fingerprints() const;

private:
    using Key = std::array<unsigned char, 32>;
    std::vector<Key> keys_;
};

} // namespace drukbox::service
