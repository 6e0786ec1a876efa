#pragma once

#include "service/records/host.hpp"
#include "service/records/host_page.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drukbox::service {
class Session;
}

/// The table `hosts`. Every function runs inside the caller's transaction or session.
namespace drukbox::service::host_table {

/// A lease to be moved.
class Renewal
{
public:
    Renewal() = default;

    Renewal(const HostId& host_id, Timestamp expires_at, Timestamp moment)
        : id(host_id)
        , until(expires_at)
        , now(moment)
    {
    }

    HostId id;
    Timestamp until{};
    Timestamp now{};
};

/// What became of it.
class Renewed
{
public:
    Renewed() = default;

    bool renewed = false;     ///< False: the host is in no state to be renewed.
    std::optional<Host> host; ///< As it is afterwards; none: there is no such host.
};

void insert(Session& sql, const Host& host);

[[nodiscard]] std::optional<Host> find(Session& sql, const HostId& id);

/// One answer for each id, in their order, by one statement on PostgreSQL.
[[nodiscard]] std::vector<std::optional<Host>> find_all(Session& sql, const std::vector<HostId>& ids);

/// All of them, newest first.
[[nodiscard]] std::vector<Host> list(Session& sql);
/// At most `page.limit` of them.
[[nodiscard]] std::vector<Host> list(Session& sql, const HostPage& page);

/// Records that the network is about to be asked to admit a machine.
/// Like every update below it returns false, and changes nothing, when the row is gone or someone tears it
/// down.
[[nodiscard]] bool begin_network(Session& sql, const HostId& id, Timestamp now);

/// Records that the provider is about to be asked for a machine.
[[nodiscard]] bool begin_vm(Session& sql, const HostId& id, Timestamp now);

/// Records the machine's address.
[[nodiscard]] bool begin_bootstrap(Session& sql, const Host& host, Timestamp now);

/// Records the machine's id on the network, also for whoever tears the host down.
[[nodiscard]] bool record_device(Session& sql, const HostId& id, const std::string& device, Timestamp now);

/// The machine is not on the network any more.
void clear_device(Session& sql, const HostId& id, Timestamp now);

/// Records the host keys of a machine that has got some more addresses.
[[nodiscard]] bool record_known_hosts(Session& sql, const HostId& id, const std::string& lines,
                                      Timestamp now);

/// Makes the host active and stamps `expires_at`, unless a renewal has stamped it already. Nobody works on it
/// any more.
[[nodiscard]] bool activate(Session& sql, const HostId& id, std::optional<Timestamp> expires_at,
                            bool unclaimed, Timestamp now);

/// Moves the safety lease of a provision that is alive; never shortens one.
[[nodiscard]] bool extend_grace(Session& sql, const HostId& id, Timestamp until);

/// Ends a provision that is under way: status error, expired at once. Its owner stays until it has undone
/// what it did.
[[nodiscard]] bool fail(Session& sql, const HostId& id, const std::string& last_error, Timestamp now);

/// Marks an active host of which `owner` (empty: nobody) has the work, and whose machine is gone or of no
/// use: status error, expired at once.
[[nodiscard]] bool lose(Session& sql, const HostId& id, const std::string& owner,
                        const std::string& last_error, Timestamp now);

/// Moves the leases of bootstrapping and active hosts, no two of one host. One answer for each, in their
/// order; by one statement on PostgreSQL.
[[nodiscard]] std::vector<Renewed> renew_all(Session& sql, const std::vector<Renewal>& renewals);

/// Stamps the lease that was asked for on an active host that nobody had claimed.
[[nodiscard]] bool claim(Session& sql, const HostId& id, std::optional<Timestamp> expires_at, Timestamp now);

/// The last step of a teardown; what the row said at its end is kept in `ended_hosts`. False when the row was
/// gone.
[[nodiscard]] bool erase(Session& sql, const HostId& id, Timestamp now);

/// What the comparison with a provider's inventory needs of a row.
struct Recorded
{
    HostId id;
    std::string name;
    /// Active, and nobody works on it: its machine should be there.
    bool settled = false;
    std::optional<Timestamp> expires_at;
    std::optional<Timestamp> activated_at;
};

[[nodiscard]] std::vector<Recorded> recorded(Session& sql, const std::string& provider);

/// How many hosts each provider has in each state.
[[nodiscard]] std::map<std::pair<std::string, std::string>, std::uint64_t> count_by_state(Session& sql);

} // namespace drukbox::service::host_table
