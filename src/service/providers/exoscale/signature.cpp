#include "service/providers/exoscale/signature.hpp"

#include "service/providers/support/user_data.hpp"
#include "wire/percent.hpp"

#include <sodium.h>

#include <array>
#include <map>

namespace drukbox::service::exoscale {
namespace {

std::map<std::string, std::string> arguments_of(std::string_view query)
{
    std::map<std::string, std::string> result;
    while (!query.empty()) {
        const auto part = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), part.size() + 1));
        const auto equals = part.find('=');
        result.emplace(wire::percent_decode(part.substr(0, equals)),
                       equals == std::string_view::npos ? std::string{}
                                                        : wire::percent_decode(part.substr(equals + 1)));
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
