#include "wire/key_use.hpp"

namespace drukbox::wire {
namespace {

/// With its length, so that no value can be taken for the end of itself and another part.
void append(std::string& text, std::string_view name, std::string_view value)
{
    text += std::string{name} + ' ' + std::to_string(value.size()) + ' ' + std::string{value} + '\n';
}

void append(std::string& text, std::string_view name, const std::optional<std::string>& value)
{
    if (value) {
        append(text, name, std::string_view{*value});
    }
}

} // namespace

std::string AskedHost::text() const
{
    std::string result = "host\n";
    append(result, "provider", provider);
    append(result, "image", image);
    append(result, "template", template_id);
    append(result, "instance_type", instance_type);
    if (disk_gb) {
        append(result, "disk_gb", std::string_view{std::to_string(*disk_gb)});
    }
    append(result, "network", network);
    for (const auto& name : variables) {
        append(result, "env", std::string_view{name});
    }
    for (const auto& name : secrets) {
        append(result, "secret", std::string_view{name});
    }
    return result;
}

bool KeyUse::allows(const KeyUse& later) const
{
    return asked.empty() || asked == later.asked || meant == later.meant;
}

} // namespace drukbox::wire
