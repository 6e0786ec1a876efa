#pragma once

#include "http/message.hpp"
#include "service/base/redacted.hpp"

#include <array>
#include <variant>
#include <vector>

namespace drukbox::service::api {

/// Bearer tokens. Compared in constant time: neither the time taken nor the answer tells how close a guess
/// was.
class Authenticator
{
public:
    /// Which token a request carried, without the token itself.
    using TokenId = std::array<unsigned char, 32>;

    explicit Authenticator(const std::vector<Redacted>& tokens);

    /// From now on these tokens are the known ones.
    void replace(const std::vector<Redacted>& tokens);

    /// The known token that a request carries, or else the answer to give.
    [[nodiscard]] std::variant<TokenId, http::Response> authenticate(const http::Headers& headers) const;

private:
    std::vector<TokenId> known_;
};

} // namespace drukbox::service::api
