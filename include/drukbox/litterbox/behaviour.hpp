#pragma once

namespace drukbox::inline v0::litterbox {

/// What a Litterbox service does on a create, and which errors its clients tell apart. The service does not
/// say; it is that of the client release which it was made for.
enum class Behaviour
{
    /// That of the clients from 0.0.3 on: create_host() completes when the host is `active`. A call that gets
    /// no answer, and a 503, is a SandboxUnavailableError; a 502 is a SandboxProvisioningError.
    blocking,

    /// That of the clients 0.0.1 and 0.0.2: create_host() may give a host that is still `provisioning`, and
    /// the caller polls get_host(). A call that gets no answer, a 502 and a 503 are SandboxResponseErrors.
    polling
};

} // namespace drukbox::inline v0::litterbox
