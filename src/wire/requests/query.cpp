#include "wire/requests/query.hpp"

#include "wire/percent.hpp"

#include <algorithm>

namespace drukbox::wire {
namespace {

std::string decode(std::string_view text)
{
    std::string plain{text};
    std::ranges::replace(plain, '+', ' ');
    return percent_decode(plain);
}

} // namespace

Query::Query(std::string_view target)
{
    target = target.substr(0, target.find('#'));
    const auto mark = target.find('?');
    auto rest = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
    while (!rest.empty()) {
        const auto field = rest.substr(0, rest.find('&'));
        const auto equals = std::min(field.find('='), field.size());
        fields_.emplace_back(decode(field.substr(0, equals)),
                             decode(field.substr(std::min(equals + 1, field.size()))));
        rest.remove_prefix(std::min(field.size() + 1, rest.size()));
    }
}

std::optional<std::string> Query::find(std::string_view name) const
{
    const auto found = std::find_if(fields_.rbegin(), fields_.rend(),
                                    [&](const auto& field) { return field.first == name; });
    return found == fields_.rend() ? std::nullopt : std::optional{found->second};
}

} // namespace drukbox::wire
