#pragma once

namespace drukbox::keeper {

/// For who is about to run something of the sandbox. The kernel counts by user what is below, and refuses
/// more to those whose own limit is reached: who shares the keeper's user must not come that far. At most
/// half is left to it of what the keeper may have of: descriptors on their way in sockets (where that leaves
/// a usual limit), pending signals, which timers count as (see LastResort), and message queues.
void leave_half();

} // namespace drukbox::keeper
