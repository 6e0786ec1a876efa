#include "service/metrics/metrics.hpp"

#include <tuple>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace drukbox::service {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

double seconds(Metrics::Duration took)
{
    return std::chrono::duration<double>(took).count();
}

/// From a read out of the cache to a cloud's slowest create.
const Histogram::BucketBoundaries& buckets()
{
    static const Histogram::BucketBoundaries boundaries{
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300};
    return boundaries;
}

} // namespace

/// The families, and for what is counted at every request the series found before: a look-up by labels builds
/// a map each time.
class Metrics::Series
{
public:
    using RequestKey = std::tuple<std::string, std::string, unsigned>;

    prometheus::Registry registry;
    Family<Counter>& requests = prometheus::BuildCounter()
                                    .Name("drukbox_http_requests_total")
                                    .Help("Requests answered, by method, route and status")
                                    .Register(registry);
    Family<Histogram>& request_times =
        prometheus::BuildHistogram()
            .Name("drukbox_http_request_duration_seconds")
            .Help("From the header of a request to its answer, by method and route")
            .Register(registry);
    Gauge& in_flight = prometheus::BuildGauge()
                           .Name("drukbox_http_requests_in_flight")
                           .Help("Requests that are being answered")
                           .Register(registry)
                           .Add({});
    Family<Counter>& provider_calls = prometheus::BuildCounter()
                                          .Name("drukbox_provider_calls_total")
                                          .Help("Calls to a provider, by operation and outcome")
                                          .Register(registry);
    Family<Histogram>& provider_times = prometheus::BuildHistogram()
                                            .Name("drukbox_provider_call_duration_seconds")
                                            .Help("Time a call to a provider took, by operation")
                                            .Register(registry);
    Family<Counter>& provisions = prometheus::BuildCounter()
                                      .Name("drukbox_provisions_total")
                                      .Help("Provisions that ended, by provider and outcome")
                                      .Register(registry);
    Family<Histogram>& provision_times = prometheus::BuildHistogram()
                                             .Name("drukbox_provision_duration_seconds")
                                             .Help("From the row of a host until it is usable, or has failed")
                                             .Register(registry);
    Family<Counter>& rounds = prometheus::BuildCounter()
                                  .Name("drukbox_reconciler_rounds_total")
                                  .Help("Rounds of the reconciler, by outcome")
                                  .Register(registry);
    Histogram& round_times = prometheus::BuildHistogram()
                                 .Name("drukbox_reconciler_round_duration_seconds")
                                 .Help("Time a round of the reconciler took")
                                 .Register(registry)
                                 .Add({}, buckets());
    Family<Counter>& decisions = prometheus::BuildCounter()
                                     .Name("drukbox_reconciler_decisions_total")
                                     .Help("What the reconciler decided to do")
                                     .Register(registry);
    Family<Gauge>& hosts = prometheus::BuildGauge()
                               .Name("drukbox_hosts")
                               .Help("Hosts, by provider and state")
                               .Register(registry);
    Family<Gauge>& pool = prometheus::BuildGauge()
                              .Name("drukbox_pool_hosts")
                              .Help("Hosts of the warm pool, ready and wanted, by provider")
                              .Register(registry);

    std::map<RequestKey, std::pair<Counter*, Histogram*>, std::less<>> known_requests;
    std::map<std::pair<std::string, std::string>, Gauge*> known_hosts;
};

Metrics::Metrics()
    : series_(std::make_unique<Series>())
{
}

Metrics::~Metrics() = default;

void Metrics::request(std::string_view method, std::string_view route, unsigned status, Duration took)
{
    auto& known = series_->known_requests;
    auto found = known.find(std::tuple{method, route, status});
    if (found == known.end()) {
        const std::string method_label{method};
        const std::string route_label{route};
        auto& counter = series_->requests.Add(
            {{"method", method_label}, {"route", route_label}, {"status", std::to_string(status)}});
        auto& times =
            series_->request_times.Add({{"method", method_label}, {"route", route_label}}, buckets());
        found =
            known.emplace(Series::RequestKey{method_label, route_label, status}, std::pair{&counter, &times})
                .first;
    }
    const auto [counter, times] = found->second;
    counter->Increment();
    times->Observe(seconds(took));
}

void Metrics::requests_in_flight(std::size_t count)
{
    series_->in_flight.Set(static_cast<double>(count));
}

void Metrics::provider_call(std::string_view provider, std::string_view operation, std::string_view outcome,
                            Duration took)
{
    const std::string name{provider};
    const std::string what{operation};
    series_->provider_calls.Add({{"provider", name}, {"operation", what}, {"outcome", std::string{outcome}}})
        .Increment();
    series_->provider_times.Add({{"provider", name}, {"operation", what}}, buckets()).Observe(seconds(took));
}

void Metrics::provision(std::string_view provider, std::string_view outcome, Duration took)
{
    const std::string name{provider};
    const std::string how{outcome};
    series_->provisions.Add({{"provider", name}, {"outcome", how}}).Increment();
    series_->provision_times.Add({{"provider", name}, {"outcome", how}}, buckets()).Observe(seconds(took));
}

void Metrics::reconciler_round(std::string_view outcome, Duration took)
{
    series_->rounds.Add({{"outcome", std::string{outcome}}}).Increment();
    series_->round_times.Observe(seconds(took));
}

void Metrics::reconciler_decision(std::string_view decision, std::uint64_t count)
{
    series_->decisions.Add({{"decision", std::string{decision}}}).Increment(static_cast<double>(count));
}

void Metrics::hosts(const std::map<std::pair<std::string, std::string>, std::uint64_t>& counts)
{
    for (const auto& [key, gauge] : series_->known_hosts) {
        gauge->Set(0);
    }
    for (const auto& [key, count] : counts) {
        auto& gauge = series_->known_hosts[key];
        if (gauge == nullptr) {
            gauge = &series_->hosts.Add({{"provider", key.first}, {"status", key.second}});
        }
        gauge->Set(static_cast<double>(count));
    }
}

void Metrics::pool(std::string_view provider, std::uint64_t ready, std::uint64_t target)
{
    const std::string name{provider};
    series_->pool.Add({{"provider", name}, {"kind", "ready"}}).Set(static_cast<double>(ready));
    series_->pool.Add({{"provider", name}, {"kind", "target"}}).Set(static_cast<double>(target));
}

std::string Metrics::text() const
{
    return prometheus::TextSerializer{}.Serialize(series_->registry.Collect());
}

} // namespace drukbox::service
