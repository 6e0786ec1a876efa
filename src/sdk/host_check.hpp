#pragma once

#include <drukbox/litterbox/sandbox_host.hpp>
#include <drukbox/sandbox_host.hpp>

namespace drukbox::sdk {

/// What a service says of a host goes on to ssh, to its files and to shells: this is the one place that looks
/// whether it may. Throws wire::ShapeError, which names the host and the member that is not what it should
/// be. Lines of known_hosts that are about something else than the host are taken out.
void check(SandboxHost& host);
void check(litterbox::SandboxHost& host);

} // namespace drukbox::sdk
