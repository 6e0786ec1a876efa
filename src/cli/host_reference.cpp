#include "cli/host_reference.hpp"

#include "cli/failure.hpp"

#include <algorithm>
#include <string>

namespace drukbox::cli {
namespace {

using Candidates = std::vector<const SandboxHost*>;

template <class Predicate>
Candidates matching(const std::vector<SandboxHost>& hosts, Predicate fits)
{
    Candidates found;
    for (const SandboxHost& host : hosts) {
        if (fits(host.name) || fits(host.id)) {
            found.push_back(&host);
        }
    }
    return found;
}

[[noreturn]] void refuse_ambiguous(std::string_view reference, const Candidates& candidates)
{
    constexpr std::size_t shown = 8;
    std::string list;
    for (std::size_t i = 0; i < std::min(shown, candidates.size()); ++i) {
        list += (i == 0 ? "" : ", ") + candidates[i]->name + " (" + candidates[i]->id + ")";
    }
    if (candidates.size() > shown) {
        list += " and " + std::to_string(candidates.size() - shown) + " more";
    }
    throw Failure(ExitCode::usage, "'" + std::string(reference) + "' could be any of: " + list,
                  "give more of the name or id");
}

} // namespace

const SandboxHost& find_host(const std::vector<SandboxHost>& hosts, std::string_view reference)
{
    if (reference.empty()) {
        throw Failure(ExitCode::usage, "a host's name or id is missing");
    }

    Candidates found = matching(hosts, [&](const std::string& name) { return name == reference; });
    if (found.empty()) {
        found = matching(hosts, [&](const std::string& name) { return name.starts_with(reference); });
    }
    if (found.empty()) {
        throw Failure(ExitCode::not_found, "no host named '" + std::string(reference) + "'",
                      "drukbox ls shows what there is");
    }
    if (found.size() > 1) {
        refuse_ambiguous(reference, found);
    }
    return *found.front();
}

} // namespace drukbox::cli
