#include "service/api/proxy_origin.hpp"

#include "wire/ascii.hpp"

#include <curl/curl.h>

#include <memory>
#include <optional>
#include <string_view>

#include <idn2.h>

namespace drukbox::service::api {
namespace {

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

/// A host as it stands in a DNS query. libcurl could do this too, but only of the locale's encoding.
std::optional<std::string> to_ascii(const std::string& host)
{
    if (host.starts_with('[')) {
        return wire::to_lower(host);
    }
    char* text = nullptr;
    if (::idn2_to_ascii_8z(host.c_str(), &text, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK) {
        return std::nullopt;
    }
    const std::unique_ptr<char, decltype(&::idn2_free)> owned(text,
                                                              [](void* memory) { ::idn2_free(memory); });
    return wire::to_lower(text);
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

wire::Origin read_proxy_origin(const std::string& url)
{
    wire::Origin origin;
    Url parts;
    if (!parts.parse(url) || parts.part(CURLUPART_ZONEID)) {
        return origin;
    }
    origin.surplus = surplus(parts, url);
    const auto host = to_ascii(parts.part(CURLUPART_HOST).value_or(""));
    if (host && !host->empty()) {
        const auto port = parts.part(CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
        origin.text =
            wire::to_lower(url.substr(0, url.find(':'))) + "://" + *host + (port ? ":" + *port : "") + "/";
    }
    return origin;
}

} // namespace drukbox::service::api
