#include "service/providers/exoscale/signature.hpp"

#include "service/providers/support/user_data.hpp"

#include <sodium.h>

#include <array>
#include <map>

namespace drukbox::service::exoscale {
namespace {

int hex_digit(char c)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto at = digits.find(c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

std::string unescaped(std::string_view text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
            hex_digit(text[i + 2]) >= 0) {
            result += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            result += text[i];
        }
    }
    return result;
}

std::map<std::string, std::string> arguments_of(std::string_view query)
{
    std::map<std::string, std::string> result;
    while (!query.empty()) {
        const auto part = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), part.size() + 1));
        const auto equals = part.find('=');
        result.emplace(unescaped(part.substr(0, equals)),
                       equals == std::string_view::npos ? std::string{} : unescaped(part.substr(equals + 1)));
    }
    return result;
}

const unsigned char* bytes(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hmac_base64(const Redacted& secret, const std::string& message)
{
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, bytes(secret.reveal()), secret.reveal().size());
    crypto_auth_hmacsha256_update(&state, bytes(message), message.size());
    crypto_auth_hmacsha256_final(&state, mac.data());
    return base64(std::string{mac.begin(), mac.end()});
}

} // namespace

std::string authorization(const std::string& api_key, const Redacted& api_secret, std::string_view method,
                          std::string_view target, std::string_view body, std::int64_t expires)
{
    const auto question = target.find('?');
    const auto arguments =
        arguments_of(question == std::string_view::npos ? std::string_view{} : target.substr(question + 1));
    std::string names;
    std::string values;
    for (const auto& [name, value] : arguments) {
        names += (names.empty() ? "" : ";") + name;
        values += value;
    }
    const auto until = std::to_string(expires);
    const std::string message = std::string{method} + " " + std::string{target.substr(0, question)} + "\n" +
                                std::string{body} + "\n" + values + "\n\n" + until;
    return "EXO2-HMAC-SHA256 credential=" + api_key + (names.empty() ? "" : ",signed-query-args=" + names) +
           ",expires=" + until + ",signature=" + hmac_base64(api_secret, message);
}

} // namespace drukbox::service::exoscale
