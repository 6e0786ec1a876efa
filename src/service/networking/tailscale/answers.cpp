#include "service/networking/tailscale/answers.hpp"

#include "service/remote/answer.hpp"

#include <algorithm>

namespace drukbox::service::tailscale {
namespace {

constexpr std::size_t longest_secret = 4096;
constexpr std::size_t longest_id = 128;
constexpr std::chrono::seconds longest_lifetime{24 * 3600};

/// It becomes a header field, or a quoted word in a script.
Redacted secret_at(const AnswerReader& answer, std::string_view key)
{
    auto text = answer.at(key).text();
    const bool fits = std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '\''; });
    if (text.empty() || text.size() > longest_secret || !fits) {
        throw MalformedAnswer("tailscale",
                              "answered something unexpected: " + std::string{key} + " is not a plain word");
    }
    return Redacted{std::move(text)};
}

/// It is kept, and becomes a part of a URL. Empty where there is none; `whose` is what it stands in.
std::string id_at(const AnswerReader& answer, std::string_view key, const std::string& whose)
{
    const auto found = answer.find(key);
    auto text = found ? found->text() : std::string{};
    const bool fits = std::ranges::all_of(text, [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    });
    if (text.size() > longest_id || !fits) {
        throw MalformedAnswer("tailscale",
                              "answered something unexpected: " + whose + std::string{key} + " is not an id");
    }
    return text;
}

} // namespace

AccessToken read_access_token(const boost::json::value& answer)
{
    const AnswerReader reader{"tailscale", answer};
    AccessToken token;
    token.value = secret_at(reader, "access_token");
    const std::chrono::seconds lifetime{reader.at("expires_in").integer()};
    token.lifetime = std::clamp(lifetime, std::chrono::seconds{0}, longest_lifetime);
    return token;
}

AuthKey read_auth_key(const boost::json::value& answer)
{
    const AnswerReader reader{"tailscale", answer};
    AuthKey key;
    key.secret = secret_at(reader, "key");
    key.id = id_at(reader, "id", "");
    return key;
}

std::vector<Device> read_devices(const boost::json::value& answer)
{
    const AnswerReader reader{"tailscale", answer};
    std::vector<Device> devices;
    for (const auto& item : reader.at("devices").items()) {
        Device device;
        if (const auto hostname = item.find("hostname")) {
            device.hostname = hostname->text();
        }
        device.node_id = id_at(item, "nodeId", "devices[" + std::to_string(devices.size()) + "].");
        devices.push_back(std::move(device));
    }
    return devices;
}

} // namespace drukbox::service::tailscale
