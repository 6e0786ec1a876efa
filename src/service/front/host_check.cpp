#include "service/front/host_check.hpp"

#include <algorithm>

namespace drukbox::service::front {
namespace {

/// `name` of `name`, `name:port`, `[v6]` and `[v6]:port`, in lower case.
std::string name_of(std::string_view authority)
{
    const auto colon = authority.find(':', authority.starts_with('[') ? authority.find(']') : 0);
    std::string name{authority.substr(0, colon)};
    std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return name;
}

} // namespace

HostCheck::HostCheck(std::string_view listen)
{
    if (!listen.starts_with("unix:")) {
        names_ = {"localhost", "127.0.0.1", "[::1]", name_of(listen)};
    }
}

bool HostCheck::allows(std::string_view host) const
{
    return names_.empty() || std::ranges::find(names_, name_of(host)) != names_.end();
}

} // namespace drukbox::service::front
