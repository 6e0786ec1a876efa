#include "service/providers/local/sandbox_uids.hpp"

#include "service/providers/local/keeper_process.hpp"
#include "service/providers/provider.hpp"

#include <chrono>
#include <system_error>

#include <unistd.h>

namespace drukbox::service::local {
namespace {

constexpr std::chrono::seconds patience{60};

std::string first_line(const std::string& text)
{
    return text.substr(0, text.find('\n'));
}

} // namespace

SandboxUids::SandboxUids(const LocalSettings& settings)
    : settings_(settings)
    , root_(::geteuid() == 0)
{
}

std::string SandboxUids::complaint(const Programs& programs)
{
    const std::lock_guard lock{mutex_};
    // Once they work a failure is one: no sandbox may come to share a uid because of it.
    return root_ || ids_.count != 0 ? std::string{} : look(programs);
}

/// With the mutex held.
std::string SandboxUids::look(const Programs& programs)
{
    if (programs.newuidmap.empty() || programs.newgidmap.empty()) {
        return "newuidmap or newgidmap is missing: install the package uidmap";
    }
    const SubordinateIds found = SubordinateIds::find();
    if (found.count == 0) {
        return "this user has no range in both /etc/subuid and /etc/subgid: usermod --add-subuids "
               "--add-subgids";
    }
    ids_ = found;
    keeper::Config config;
    config.bwrap = programs.bwrap;
    describe(programs, config, found.first_uid);
    std::string complaint;
    try {
        const Outcome outcome =
            Outcome::of({programs.keeper, "--probe", config.format(), "--version"}, patience);
        if (outcome.exit_code != 0) {
            complaint = first_line(outcome.output);
        }
    } catch (const std::system_error& error) {
        complaint = error.what();
    }
    if (complaint.empty()) {
        return {};
    }
    ids_ = {};
    return "the range in /etc/subuid cannot be used here: " + complaint;
}

UidClaim SandboxUids::claim(const Programs& programs, keeper::Config& config)
{
    UidClaim claim;
    if (root_) {
        claim = UidClaim::take(settings_.uid_base, settings_.uid_count);
        config.uid = claim.uid;
        return claim;
    }
    const std::string why_not = complaint(programs);
    if (why_not.empty()) {
        claim = UidClaim::take(ids_.first_uid, ids_.count, settings_.state_dir);
        describe(programs, config, claim.uid);
    } else if (settings_.isolation == Isolation::strict) {
        throw ProviderError("LOCAL_ISOLATION is strict, and " + why_not);
    }
    return claim;
}

void SandboxUids::lend(const Programs& programs, keeper::Config& config)
{
    if (root_) {
        config.uid = settings_.uid_base;
    } else if (complaint(programs).empty()) {
        describe(programs, config, ids_.first_uid);
    }
}

void SandboxUids::describe(const Programs& programs, keeper::Config& config, std::uint32_t uid) const
{
    config.uid = uid;
    config.gid = ids_.first_gid + (uid - ids_.first_uid);
    config.newuidmap = programs.newuidmap;
    config.newgidmap = programs.newgidmap;
}

} // namespace drukbox::service::local
