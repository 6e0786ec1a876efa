#include "service/api/proxy_target.hpp"

#include "wire/plain_text.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

#include <idn2.h>

namespace drukbox::service::api {
namespace {

namespace json = boost::json;

constexpr std::size_t longest = 2083;

/// A URL taken apart by libcurl.
class Url
{
public:
    [[nodiscard]] bool parse(const std::string& text)
    {
        return handle_ != nullptr &&
               ::curl_url_set(handle_.get(), CURLUPART_URL, text.c_str(), CURLU_PATH_AS_IS) == CURLUE_OK;
    }

    [[nodiscard]] std::optional<std::string> part(CURLUPart which, unsigned flags = 0) const
    {
        char* text = nullptr;
        if (::curl_url_get(handle_.get(), which, &text, flags) != CURLUE_OK) {
            return std::nullopt;
        }
        const std::unique_ptr<char, decltype(&::curl_free)> owned(text, &::curl_free);
        return std::string{text};
    }

private:
    std::unique_ptr<CURLU, decltype(&::curl_url_cleanup)> handle_{::curl_url(), &::curl_url_cleanup};
};

std::string lower(std::string text)
{
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

/// A host as it stands in a DNS query. libcurl could do this too, but only of the locale's encoding.
std::optional<std::string> to_ascii(const std::string& host)
{
    if (host.starts_with('[')) {
        return lower(host);
    }
    char* text = nullptr;
    if (::idn2_to_ascii_8z(host.c_str(), &text, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK) {
        return std::nullopt;
    }
    const std::unique_ptr<char, decltype(&::idn2_free)> owned(text,
                                                              [](void* memory) { ::idn2_free(memory); });
    return lower(text);
}

std::optional<std::string> scheme_of(std::string_view text)
{
    const auto end = text.find("://");
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    return lower(std::string{text.substr(0, end)});
}

/// What an origin has no part in; empty where there is nothing of the kind.
std::string_view surplus(const Url& url, std::string_view text)
{
    if (url.part(CURLUPART_USER) || url.part(CURLUPART_PASSWORD)) {
        return "credentials";
    }
    const auto path = url.part(CURLUPART_PATH).value_or("/");
    if (!path.empty() && path != "/") {
        return "a path";
    }
    if (url.part(CURLUPART_QUERY)) {
        return "a query string";
    }
    // libcurl drops an empty one.
    return text.find('#') == std::string_view::npos ? std::string_view{} : "a fragment";
}

} // namespace

std::optional<std::string> read_proxy_target(const json::value& value, const json::array& location,
                                             Findings& findings)
{
    const auto invalid = [&] {
        findings.add("url_parsing", location, "Input should be a valid URL");
        return std::nullopt;
    };
    if (!value.is_string()) {
        findings.add("url_type", location, "URL input should be a string or URL");
        return std::nullopt;
    }
    const std::string text{value.as_string()};
    const auto characters = std::ranges::count_if(text, [](unsigned char c) { return (c & 0xC0U) != 0x80U; });
    if (static_cast<std::size_t>(characters) > longest) {
        findings.add("url_too_long", location, "URL should have at most 2083 characters");
        return std::nullopt;
    }
    const auto scheme = scheme_of(text);
    if (!scheme || wire::has_control_character(text)) {
        return invalid();
    }
    if (*scheme != "http" && *scheme != "https") {
        findings.add("url_scheme", location, "URL scheme should be 'http' or 'https'");
        return std::nullopt;
    }
    Url url;
    if (!url.parse(text) || url.part(CURLUPART_ZONEID)) {
        return invalid();
    }
    if (const auto too_much = surplus(url, text); !too_much.empty()) {
        findings.add_value_error(location, "target URL must not contain " + std::string{too_much});
        return std::nullopt;
    }
    const auto host = to_ascii(url.part(CURLUPART_HOST).value_or(""));
    if (!host || host->empty()) {
        return invalid();
    }
    const auto port = url.part(CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
    return *scheme + "://" + *host + (port ? ":" + *port : "") + "/";
}

} // namespace drukbox::service::api
