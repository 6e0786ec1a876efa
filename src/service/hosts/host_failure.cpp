#include "service/hosts/host_failure.hpp"

#include "service/store/host_table.hpp"
#include "service/store/idempotency_table.hpp"

namespace drukbox::service {

bool fail_and_release(Session& sql, const HostId& id, const std::string& last_error, Timestamp now)
{
    const bool failed = host_table::fail(sql, id, last_error, now);
    if (failed) {
        idempotency_table::release(sql, id);
    }
    return failed;
}

bool lose_and_release(Session& sql, const HostId& id, const std::string& owner, const std::string& last_error,
                      Timestamp now)
{
    const bool lost = host_table::lose(sql, id, owner, last_error, now);
    if (lost) {
        idempotency_table::release(sql, id);
    }
    return lost;
}

} // namespace drukbox::service
