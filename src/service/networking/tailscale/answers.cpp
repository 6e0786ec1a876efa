#include "service/networking/tailscale/answers.hpp"

#include "service/providers/support/answer.hpp"

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

/// It is kept, and becomes a part of a URL.
bool is_id(const std::string& text)
{
    return text.size() <= longest_id && std::ranges::all_of(text, [](unsigned char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
           });
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

Redacted read_auth_key(const boost::json::value& answer)
{
    return secret_at(AnswerReader{"tailscale", answer}, "key");
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
        if (const auto id = item.find("nodeId")) {
            device.node_id = id->text();
        }
        if (!is_id(device.node_id)) {
            throw MalformedAnswer("tailscale", "answered something unexpected: devices[" +
                                                   std::to_string(devices.size()) + "].nodeId is not an id");
        }
        devices.push_back(std::move(device));
    }
    return devices;
}

} // namespace drukbox::service::tailscale
