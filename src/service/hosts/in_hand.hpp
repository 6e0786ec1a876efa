#pragma once

#include "service/records/host.hpp"

#include <map>
#include <memory>
#include <utility>

namespace drukbox::service {

/// The hosts that something in this process works on. A row that this replica owns and that is not among them
/// was left by a write that failed, or by the replica's predecessor.
class InHand
{
    using Counts = std::map<HostId, int>;

public:
    /// Keeps a host among them until it is destroyed, which may be after the InHand.
    class Token
    {
    public:
        Token(std::shared_ptr<Counts> counts, HostId id)
            : counts_(std::move(counts))
            , id_(id)
        {
            ++(*counts_)[id_];
        }

        Token(Token&&) noexcept = default;
        Token& operator=(Token&&) = delete;

        ~Token()
        {
            if (counts_ && --(*counts_)[id_] == 0) {
                counts_->erase(id_);
            }
        }

    private:
        std::shared_ptr<Counts> counts_;
        HostId id_;
    };

    [[nodiscard]] Token take(const HostId& id) { return Token{counts_, id}; }

    [[nodiscard]] bool contains(const HostId& id) const { return counts_->contains(id); }

private:
    std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

} // namespace drukbox::service
