#include "sdk/config_check.hpp"

#include <drukbox/sandbox_config.hpp>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>

namespace drukbox::inline v0 {
namespace {

std::optional<std::string> variable(const std::string& name)
{
    const char* value = std::getenv(name.c_str());
    return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>{value};
}

std::string required_variable(const std::string& name, std::string_view meaning)
{
    auto value = variable(name);
    if (!value) {
        sdk::refuse(name + " is not set: it should be " + std::string{meaning});
    }
    return *std::move(value);
}

std::chrono::milliseconds seconds_in(const std::string& name, const std::string& text)
{
    // A year: more is a mistake, and would not fit where it goes.
    constexpr double most = 366.0 * 24 * 3600;
    double seconds = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, seconds, std::chars_format::fixed);
    if (error != std::errc{} || rest != end || !(seconds >= 0 && seconds <= most)) {
        sdk::refuse(name + " should be a number of seconds, such as 300 or 0.5; it is '" + text + "'");
    }
    return std::chrono::milliseconds{static_cast<std::int64_t>(std::ceil(seconds * 1000))};
}

bool flag_in(const std::string& name, const std::string& text)
{
    if (text != "1" && text != "0") {
        sdk::refuse(name + " should be 1 or 0; it is '" + text + "'");
    }
    return text == "1";
}

} // namespace

SandboxConfig SandboxConfig::from_env(std::string_view prefix)
{
    SandboxConfig config;
    config.read_env(prefix);
    return config;
}

void SandboxConfig::read_env(std::string_view prefix)
{
    const std::string url_name = std::string{prefix} + "SERVICE_URL";
    const std::string token_name = std::string{prefix} + "SERVICE_TOKEN";
    const std::string timeout_name = std::string{prefix} + "SERVICE_TIMEOUT";
    const std::string plain_name = "DRUKBOX_ALLOW_PLAIN_HTTP";

    base_url = sdk::checked_base_url(
        url_name, required_variable(url_name, "the http:// or https:// URL of the service"));
    token = required_variable(token_name, "a token of the service");
    sdk::check_token(token_name, token);
    if (const auto seconds = variable(timeout_name)) {
        timeout = seconds_in(timeout_name, *seconds);
    }
    if (const auto flag = variable(plain_name)) {
        allow_plain_http = flag_in(plain_name, *flag);
    }
}

} // namespace drukbox::inline v0
