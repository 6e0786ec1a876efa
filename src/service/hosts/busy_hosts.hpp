#pragma once

#include "service/records/host.hpp"

#include <map>
#include <memory>
#include <utility>

namespace drukbox::service {

/// The hosts that something in this process works on. A row that this replica owns and that is not among them
/// was left by a write that failed, or by the replica's predecessor.
class BusyHosts
{
    using Counts = std::map<HostId, int>;

public:
    /// Keeps a host among them until it is destroyed, which may be after the BusyHosts.
    class Mark
    {
    public:
        Mark(std::shared_ptr<Counts> counts, HostId id)
            : counts_(std::move(counts))
            , id_(id)
        {
            ++(*counts_)[id_];
        }

        Mark(Mark&&) noexcept = default;
        Mark& operator=(Mark&&) = delete;

        ~Mark()
        {
            if (counts_ && --(*counts_)[id_] == 0) {
                counts_->erase(id_);
            }
        }

    private:
        std::shared_ptr<Counts> counts_;
        HostId id_;
    };

    [[nodiscard]] Mark mark(const HostId& id) { return Mark{counts_, id}; }

    [[nodiscard]] bool contains(const HostId& id) const { return counts_->contains(id); }

private:
    std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

} // namespace drukbox::service
