#pragma once

namespace drukbox::service {

class ServeOptions
{
public:
    /// No setting needed: SQLite in the user's state directory, the local provider, loopback only, a token
    /// made at the first start.
    bool dev = false;
    /// Only check the settings.
    bool check_config = false;
};

/// Runs the service until SIGTERM or SIGINT. Its first line on standard output is `listening on http://…`.
/// Returns the exit code: 0, or 2 when a setting stopped the start (one line on standard error says which).
int run_service(const ServeOptions& options);

/// One round of the reconciler, for who runs it from cron. Does nothing when a service that does it by itself
/// holds the database.
int run_janitor(const ServeOptions& options);

/// The same for one round of filling, refreshing and shedding the pool; returns when what it makes is made.
int run_pool(const ServeOptions& options);

} // namespace drukbox::service
