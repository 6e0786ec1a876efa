#pragma once

#include <boost/intrusive/list.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>

namespace drukbox::http {

/// Who is at the other end of a connection, as the kernel knows it: on a Unix socket a user of this machine,
/// on TCP an address, of which IPv6 counts the network only, since who has one has all of its addresses.
using PeerId = std::array<std::uint64_t, 2>;

[[nodiscard]] PeerId peer_of(int fd) noexcept;

/// What is known of a connection.
enum class Standing
{
    idle,    ///< No request is under way, and none before has shown who is there.
    asking,  ///< The same, with a request under way.
    known,   ///< A request has shown that its client may ask.
    leaving, ///< Told to end; counts no more.
};

/// The connections of a server by what they are worth: knows which one goes first when there is no room.
/// Those that nobody has vouched for, strangers, go before all others. No step depends on how many there are.
class ConnectionTable
{
    class ByStanding;
    class ByPeer;
    class Peer;
    template <class Tag>
    using Hook = boost::intrusive::list_base_hook<boost::intrusive::tag<Tag>>;

public:
    using Clock = std::chrono::steady_clock;

    /// What a connection derives from.
    class Entry : public Hook<ByStanding>, public Hook<ByPeer>
    {
        friend class ConnectionTable;

        Peer* peer_ = nullptr;
        Standing standing_ = Standing::idle;
        Clock::time_point since_;
    };

    /// `idle_limit`: how long a stranger may be idle before it goes ahead of those who are asking. Whoever
    /// has just come is about to ask.
    explicit ConnectionTable(std::chrono::milliseconds idle_limit) noexcept
        : idle_limit_(idle_limit)
    {
    }

    void add(Entry& entry, PeerId peer, Clock::time_point now);
    void remove(Entry& entry) noexcept;

    /// A connection that is known stays so until it leaves, and one that leaves does for good.
    void set(Entry& entry, Standing standing, Clock::time_point now) noexcept;

    /// Without those that leave.
    [[nodiscard]] std::size_t size() const noexcept
    {
        return count(Standing::idle) + count(Standing::asking) + count(Standing::known);
    }

    [[nodiscard]] std::size_t count(Standing standing) const noexcept { return all_[place(standing)].size(); }

    [[nodiscard]] bool empty() const noexcept { return size() + count(Standing::leaving) == 0; }

    /// How many strangers a peer has here.
    [[nodiscard]] std::size_t strangers(const PeerId& peer) const noexcept;

    /// The stranger that is to go first, of all or of a peer; null: there is none.
    [[nodiscard]] Entry* first_to_go(Clock::time_point now) noexcept;
    [[nodiscard]] Entry* first_to_go(const PeerId& peer, Clock::time_point now) noexcept;

    template <class Function>
    void for_each(Function function)
    {
        for (auto& list : all_) {
            for (Entry& entry : list) {
                function(entry);
            }
        }
    }

private:
    template <class Tag>
    using List = boost::intrusive::list<Entry, boost::intrusive::base_hook<Hook<Tag>>>;

    class Peer
    {
    public:
        PeerId id{};
        std::size_t connections = 0;
        std::array<List<ByPeer>, 2> strangers; // by standing, each by how long
    };

    [[nodiscard]] static std::size_t place(Standing standing) noexcept
    {
        return static_cast<std::size_t>(standing);
    }

    [[nodiscard]] static bool is_stranger(Standing standing) noexcept
    {
        return standing == Standing::idle || standing == Standing::asking;
    }

    void link(Entry& entry) noexcept;
    void unlink(Entry& entry) noexcept;
    template <class Lists>
    [[nodiscard]] Entry* choose(Lists& lists, Clock::time_point now) const noexcept;

    const std::chrono::milliseconds idle_limit_;
    std::map<PeerId, Peer> peers_;
    std::array<List<ByStanding>, 4> all_; // by standing, each by how long
};

} // namespace drukbox::http
