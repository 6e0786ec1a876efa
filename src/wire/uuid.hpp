#pragma once

#include "wire/timestamp.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace drukbox::wire {

/// A UUID of any version, RFC 9562.
class Uuid
{
public:
    using Bytes = std::array<std::uint8_t, 16>;

    Uuid() = default;

    explicit Uuid(const Bytes& bytes)
        : bytes_(bytes)
    {
    }

    /// A UUIDv7 for `now`; those made by one process in one millisecond are in order too. Thread safe.
    [[nodiscard]] static Uuid v7(Timestamp now);

    /// Any of: the canonical form in either case, 32 hex digits, either in braces, `urn:uuid:` before the
    /// canonical form.
    [[nodiscard]] static std::optional<Uuid> parse(std::string_view text) noexcept;

    /// The canonical form, lower case.
    [[nodiscard]] std::string str() const;

    [[nodiscard]] const Bytes& bytes() const noexcept { return bytes_; }

    friend bool operator==(const Uuid&, const Uuid&) = default;
    friend auto operator<=>(const Uuid&, const Uuid&) = default;

private:
    Bytes bytes_{};
};

} // namespace drukbox::wire

template <>
struct std::hash<drukbox::wire::Uuid>
{
    std::size_t operator()(const drukbox::wire::Uuid& id) const noexcept;
};
