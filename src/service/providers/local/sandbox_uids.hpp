#pragma once

#include "keeper/config.hpp"
#include "service/providers/local/local_settings.hpp"
#include "service/providers/local/programs.hpp"
#include "service/providers/local/subordinate_ids.hpp"
#include "service/providers/local/uid_pool.hpp"

#include <mutex>
#include <string>

namespace drukbox::service::local {

/// Where the sandboxes' uids come from. As root from `LOCAL_UID_BASE` on; as an ordinary user from its
/// subordinate ones. Where there are none, `LOCAL_ISOLATION=shared` has all sandboxes run as that user, and
/// `strict` has none run. Thread safe; every function blocks.
class SandboxUids
{
public:
    explicit SandboxUids(const LocalSettings& settings);

    /// Why sandboxes cannot have a uid each, in a sentence; empty when they can. To be asked before what
    /// follows.
    [[nodiscard]] std::string complaint(const Programs& programs);

    /// Claims one for a sandbox, and says in its configuration how to get it. Throws ProviderError.
    [[nodiscard]] UidClaim claim(const Programs& programs, keeper::Config& config);

    /// The same for a process that runs for a moment, without a place to keep the claim in.
    void lend(const Programs& programs, keeper::Config& config);

private:
    [[nodiscard]] std::string look(const Programs& programs);
    void describe(const Programs& programs, keeper::Config& config, std::uint32_t uid) const;

    const LocalSettings& settings_;
    bool root_;
    std::mutex mutex_;
    SubordinateIds ids_; ///< None until they have been seen to work. From then on they are relied upon.
};

} // namespace drukbox::service::local
