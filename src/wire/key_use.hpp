#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace drukbox::wire {

/// What two creates with one idempotency key must have in common: which host is asked for. Not until when,
/// and of the variables the names only: a caller that recovers from a crash computes those anew.
class AskedHost
{
public:
    AskedHost() = default;

    std::optional<std::string> provider;
    std::optional<std::string> image;
    std::optional<std::string> template_id;
    std::optional<std::string> instance_type;
    std::optional<std::int64_t> disk_gb;
    std::optional<std::string> network;
    std::set<std::string> variables;
    std::set<std::string> secrets;

    /// One text for what is the same, and another for anything else. What is absent leaves no trace: a text
    /// that is kept stays valid when there is more to ask for one day.
    [[nodiscard]] std::string text() const;
};

/// What an idempotency key was used for, in texts or in digests of them.
class KeyUse
{
public:
    KeyUse() = default;

    KeyUse(std::string as_asked, std::string with_defaults)
        : asked(std::move(as_asked))
        , meant(std::move(with_defaults))
    {
    }

    std::string asked; ///< As the request said it. Empty: nobody wrote it down.
    std::string meant; ///< With the defaults of that moment.

    /// Whether `later` may have what the key stands for. To say the same again is enough, since a default may
    /// have changed in between; so is it to name what was a default before.
    [[nodiscard]] bool allows(const KeyUse& later) const;
};

/// What a caller is told whose key stands for something else.
inline constexpr std::string_view key_reused = "the key stands for another request: provider, image, "
                                               "template, sizes, network and the names of variables "
                                               "and secrets should be the same";

} // namespace drukbox::wire
