#include "sdk/request_body.hpp"

#include "sdk/config_check.hpp"
#include "wire/json_text.hpp"
#include "wire/object_writer.hpp"
#include "wire/timestamp.hpp"
#include "wire/utf8.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace drukbox::sdk {
namespace {

// Python's isoformat() of a time in UTC, which is what the published clients send.
std::string isoformat(Lease::TimePoint time)
{
    std::string text = wire::format_timestamp(time);
    text.pop_back();
    return text += "+00:00";
}

/// The JSON object of a request's body. Text that cannot stand in one is refused, its value never shown.
class BodyWriter
{
public:
    explicit BodyWriter(std::string_view operation)
        : operation_(operation)
        , json_(body_, wire::Escapes::needed)
    {
    }

    BodyWriter(const BodyWriter&) = delete;
    BodyWriter& operator=(const BodyWriter&) = delete;

    void string(std::string_view key, std::string_view value)
    {
        check_utf8(key, value);
        json_.string(key, value);
    }

    void optional(std::string_view key, const std::optional<std::string>& value)
    {
        if (value) {
            string(key, *value);
        }
    }

    void integer(std::string_view key, std::int64_t value) { json_.integer(key, value); }

    void null(std::string_view key) { json_.null(key); }

    /// An object of strings.
    void strings(std::string_view key, const std::vector<std::pair<std::string, std::string>>& members)
    {
        json_.key(key);
        wire::ObjectWriter object{body_, wire::Escapes::needed};
        for (const auto& [name, value] : members) {
            check_utf8(std::string{"a name in "}.append(key), name);
            check_utf8(std::string{"the value of "}.append(name).append(" in ").append(key), value);
            object.text_key(name);
            wire::append_json_string(body_, value, wire::Escapes::needed);
        }
        object.close();
    }

    [[nodiscard]] std::string finish() &&
    {
        json_.close();
        return std::move(body_);
    }

private:
    void check_utf8(std::string_view what, std::string_view text) const
    {
        if (!wire::is_utf8(text)) {
            refuse(std::string{what}.append(" is not UTF-8"), operation_);
        }
    }

    std::string_view operation_;
    std::string body_;
    wire::ObjectWriter json_;
};

} // namespace

// The keys in the order in which the published clients send them.
std::string create_host_body(const CreateHostRequest& request)
{
    BodyWriter json{"create_host"};
    if (request.disk_gb()) {
        json.integer("disk_gb", *request.disk_gb());
    }
    if (!request.env().empty()) {
        json.strings("env", request.env());
    }
    if (const auto end = request.lease().end()) {
        json.string("expires_at", isoformat(*end));
    } else if (request.lease().is_permanent()) {
        json.null("expires_at");
    }
    json.optional("image", request.image());
    json.optional("instance_type", request.instance_type());
    json.optional("provider", request.provider());
    return std::move(json).finish();
}

std::string renewal_body(Lease lease)
{
    BodyWriter json{"renew_host"};
    if (const auto end = lease.end()) {
        json.string("expires_at", isoformat(*end));
    }
    return std::move(json).finish();
}

std::string create_http_proxy_body(const CreateHTTPProxyRequest& request)
{
    BodyWriter json{"create_http_proxy"};
    json.string("name", request.name());
    json.string("target", request.target());
    json.strings("headers", request.headers());
    return std::move(json).finish();
}

} // namespace drukbox::sdk
