#pragma once

#include "http/message.hpp"
#include "service/redacted.hpp"

#include <array>
#include <optional>
#include <vector>

namespace drukbox::service::api {

/// Bearer tokens. Compared in constant time: neither the time taken nor the answer tells how close a guess
/// was.
class Authenticator
{
public:
    explicit Authenticator(const std::vector<Redacted>& tokens);

    /// Nothing when the request carries a known token, else the answer to give.
    [[nodiscard]] std::optional<http::Response> refuse(const http::Headers& headers) const;

private:
    using Digest = std::array<unsigned char, 32>;
    std::vector<Digest> digests_;
};

} // namespace drukbox::service::api
