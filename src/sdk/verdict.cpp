#include "sdk/verdict.hpp"

#include <boost/json.hpp>

namespace drukbox::sdk {
namespace {

namespace json = boost::json;

class Rule
{
public:
    Judgement judgement;
    std::string_view fallback;
    bool needs_json; ///< False: the status alone says enough, as on a gateway's page.
};

Rule rule_for(unsigned status) noexcept
{
    switch (status) {
    case 401:
    case 403:
        return {Judgement::auth, "auth failed", false};
    case 404:
        return {Judgement::not_found, "not found", false};
    case 409:
        return {Judgement::conflict, "conflict", true};
    case 422:
        return {Judgement::validation, "validation error", true};
    case 502:
        return {Judgement::provisioning, "provisioning failed", false};
    case 503:
        return {Judgement::unavailable, "service unavailable", false};
    default:
        return {Judgement::response, "error", true};
    }
}

const json::value* find(const json::value& value, std::string_view key) noexcept
{
    const json::object* object = value.if_object();
    return object == nullptr ? nullptr : object->if_contains(key);
}

std::string string_at(const json::value& value, std::string_view key)
{
    const json::value* found = find(value, key);
    const json::string* string = found == nullptr ? nullptr : found->if_string();
    return string == nullptr ? std::string{} : std::string{string->data(), string->size()};
}

// The findings of a 422.
std::string joined_messages(const json::value& body)
{
    const json::value* detail = find(body, "detail");
    const json::array* findings = detail == nullptr ? nullptr : detail->if_array();
    std::string joined;
    if (findings == nullptr) {
        return joined;
    }
    for (const json::value& finding : *findings) {
        const std::string message = string_at(finding, "msg");
        if (!message.empty() && !joined.empty()) {
            joined += "; ";
        }
        joined += message;
    }
    return joined;
}

} // namespace

Judgement in_dialect(Judgement judgement, Dialect dialect) noexcept
{
    switch (judgement) {
    case Judgement::validation:
        return dialect == Dialect::drukbox ? judgement : Judgement::response;
    case Judgement::provisioning:
    case Judgement::unavailable:
        return dialect == Dialect::litterbox_polling ? Judgement::response : judgement;
    default:
        return judgement;
    }
}

bool is_refused_for_now(unsigned status) noexcept
{
    return status == 429 || status == 503;
}

Verdict judge(unsigned status, std::string_view body)
{
    Verdict verdict;
    if (status >= 200 && status < 300) {
        return verdict;
    }
    const Rule rule = rule_for(status);
    boost::system::error_code error;
    const json::value parsed = json::parse(body, error);
    if (error && rule.needs_json) {
        verdict.judgement = Judgement::response;
        verdict.message = not_json;
        return verdict;
    }
    verdict.judgement = rule.judgement;
    verdict.message = string_at(parsed, "detail");
    if (verdict.message.empty() && rule.judgement == Judgement::validation) {
        verdict.message = joined_messages(parsed);
    }
    if (verdict.message.empty()) {
        verdict.message = rule.fallback;
    }
    verdict.error_code = string_at(parsed, "error_code");
    return verdict;
}

} // namespace drukbox::sdk
