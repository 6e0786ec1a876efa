#include "service/api/authenticator.hpp"

#include "service/api/responses.hpp"

#include <sodium.h>

#include <algorithm>
#include <string_view>

namespace drukbox::service::api {
namespace {

/// Of one length whatever the token's, so that the comparison gives not even that away.
Authenticator::TokenId digest(std::string_view token)
{
    Authenticator::TokenId result{};
    crypto_generichash(result.data(), result.size(), reinterpret_cast<const unsigned char*>(token.data()),
                       token.size(), nullptr, 0);
    return result;
}

std::string_view trim(std::string_view text)
{
    constexpr std::string_view blanks = " \t";
    const auto first = text.find_first_not_of(blanks);
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// The token of `Bearer <token>`, the scheme in any case; empty where there is none.
std::string_view bearer_token(std::string_view credentials)
{
    constexpr std::string_view scheme = "bearer";
    credentials = trim(credentials);
    const auto space = credentials.find_first_of(" \t");
    if (space != scheme.size() || !std::ranges::equal(credentials.substr(0, space), scheme, {}, [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        })) {
        return {};
    }
    return trim(credentials.substr(space));
}

} // namespace

Authenticator::Authenticator(const std::vector<Redacted>& tokens)
{
    replace(tokens);
}

void Authenticator::replace(const std::vector<Redacted>& tokens)
{
    known_.clear();
    for (const auto& token : tokens) {
        known_.push_back(digest(token.reveal()));
    }
}

std::variant<Authenticator::TokenId, http::Response>
Authenticator::authenticate(const http::Headers& headers) const
{
    const auto token = bearer_token(headers.find("Authorization").value_or(std::string_view{}));
    if (token.empty()) {
        auto response = error_response(401, "service token required");
        response.headers.add("WWW-Authenticate", "Bearer");
        return response;
    }
    const auto given = digest(token);
    bool known = false;
    for (const auto& id : known_) {
        known |= sodium_memcmp(id.data(), given.data(), given.size()) == 0;
    }
    if (!known) {
        return error_response(403, "service token rejected");
    }
    return given;
}

} // namespace drukbox::service::api
