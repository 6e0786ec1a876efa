#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace drukbox::service {

/// What the service counts and times, in Prometheus' terms: `drukbox_…`. Belongs to the reactor thread.
///
/// The values of a label come from the program or the settings, never from a request: a caller cannot make
/// series.
class Metrics
{
public:
    using Duration = std::chrono::steady_clock::duration;

    Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;
    ~Metrics();

    /// A request was answered; `took` until the head of the answer could be sent. `route` is the pattern
    /// (`/hosts/{host_id}`), `none` where no route fits.
    void request(std::string_view method, std::string_view route, unsigned status, Duration took);

    /// As of now.
    void requests_in_flight(std::size_t count);

    /// A provider was asked for something. `outcome` is `ok` or the kind of the error.
    void provider_call(std::string_view provider, std::string_view operation, std::string_view outcome,
                       Duration took);

    /// A provision ended. `outcome` is `active` or `failed`.
    void provision(std::string_view provider, std::string_view outcome, Duration took);

    void reconciler_round(std::string_view outcome, Duration took);

    /// The reconciler decided something: `reaped`, `stranded`, `orphan_removed`, `vm_gone` and the like.
    void reconciler_decision(std::string_view decision, std::uint64_t count = 1);

    /// Hosts by provider and state, as of now; a pair that is not named any more falls to zero.
    void hosts(const std::map<std::pair<std::string, std::string>, std::uint64_t>& counts);

    /// The pool of a provider: members ready, members wanted.
    void pool(std::string_view provider, std::uint64_t ready, std::uint64_t target);

    /// Everything in the text format of Prometheus, version 0.0.4.
    [[nodiscard]] std::string text() const;

private:
    class Series;
    std::unique_ptr<Series> series_;
};

} // namespace drukbox::service
