#pragma once

#include <ostream>
#include <string>
#include <utility>

namespace drukbox::service {

/// A secret: a token, an env value, a private key, a proxy header. It prints as `<redacted>`; its value
/// leaves only by reveal(), which is easy to look for.
class Redacted
{
public:
    Redacted() = default;

    explicit Redacted(std::string value)
        : value_(std::move(value))
    {
    }

    [[nodiscard]] const std::string& reveal() const noexcept { return value_; }

    [[nodiscard]] bool empty() const noexcept { return value_.empty(); }

    friend std::ostream& operator<<(std::ostream& out, const Redacted&) { return out << "<redacted>"; }

private:
    std::string value_;
};

} // namespace drukbox::service
