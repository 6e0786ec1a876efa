#include "service/doctor/doctor.hpp"

#include "service/runtime/log.hpp"
#include "service/runtime/signal.hpp"
#include "service/store/session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/json.hpp>

#include <functional>
#include <memory>

namespace drukbox::service {
namespace {

/// A probe throws, or returns what it found.
using Probe = std::function<boost::asio::awaitable<Diagnosis>()>;

/// One probe on its way. Shared with it, since a probe that is given up may still come back.
class Examination
{
public:
    Examination(const boost::asio::any_io_executor& executor, std::string name, std::string_view hint,
                std::chrono::seconds time_limit)
        : hint_(hint)
        , time_limit_(time_limit)
        , done_(executor)
    {
        result_.name = std::move(name);
        result_.detail = "timed out after " + std::to_string(time_limit.count()) + "s";
    }

    static void start(const std::shared_ptr<Examination>& self, const boost::asio::any_io_executor& executor,
                      Probe probe)
    {
        boost::asio::co_spawn(executor, run(self, std::move(probe)), [](const std::exception_ptr&) {});
    }

    boost::asio::awaitable<DoctorCheckResult> outcome()
    {
        co_await done_.wait(begun_ + time_limit_ - std::chrono::steady_clock::now());
        auto result = result_;
        if (!done_.is_set()) {
            result.latency = std::chrono::duration_cast<std::chrono::milliseconds>(time_limit_);
        }
        if (!result.ok) {
            result.hint = hint_;
        }
        co_return result;
    }

private:
    static boost::asio::awaitable<void> run(std::shared_ptr<Examination> self, Probe probe)
    {
        Diagnosis found;
        try {
            found = co_await probe();
        } catch (const ProviderError& error) {
            found.detail = error.what();
        } catch (const StoreError&) {
            found.detail = "the database does not answer";
        } catch (const std::exception& error) {
            log::error("doctor.internal_error")
                .field("check", self->result_.name)
                .field("error", error.what());
            found.detail = "the check itself failed";
        }
        if (!self->done_.is_set()) {
            self->result_.ok = found.ok;
            self->result_.detail = found.detail;
            self->result_.latency = std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::steady_clock::now() - self->begun_);
            self->done_.set();
        }
    }

    std::string hint_;
    std::chrono::seconds time_limit_;
    DoctorCheckResult result_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    Signal done_;
};

boost::asio::awaitable<Diagnosis> probe_store(Database& store)
{
    auto select = [](Session& sql) {
        int one = 0;
        sql << "SELECT 1", soci::into(one);
        return one;
    };
    const int answer = co_await store.read(select);
    Diagnosis result;
    result.ok = answer == 1;
    result.detail = "select 1 -> " + std::to_string(answer);
    co_return result;
}

boost::asio::awaitable<Diagnosis> probe_provider(Provider* provider, std::string name)
{
    if (provider == nullptr) {
        throw ProviderMissing("unknown VM provider: " + name);
    }
    co_return co_await provider->diagnose();
}

} // namespace

std::string serialize(const DoctorResult& result)
{
    boost::json::array checks;
    bool all_ok = true;
    for (const auto& check : result.checks) {
        all_ok = all_ok && check.ok;
        boost::json::object entry;
        entry["name"] = check.name;
        entry["status"] = check.ok ? "ok" : "fail";
        entry["detail"] = check.detail;
        entry["latency_ms"] = check.latency.count();
        entry["hint"] = check.hint ? boost::json::value(*check.hint) : boost::json::value(nullptr);
        checks.push_back(std::move(entry));
    }
    boost::json::object body;
    body["ok"] = all_ok;
    body["active_provider"] = result.active_provider;
    // What clients up to 0.4.0 read, and what those from 0.5.0 on do.
    body["tailscale_enabled"] = result.tailscale_enabled;
    body["tailnet"] = result.tailscale_enabled;
    body["checks"] = std::move(checks);
    return boost::json::serialize(body);
}

Doctor::Doctor(boost::asio::any_io_executor executor, Database& store, ProviderRegistry& providers,
               std::string active_provider, Network* network, std::chrono::seconds time_limit)
    : executor_(std::move(executor))
    , store_(store)
    , providers_(providers)
    , active_provider_(std::move(active_provider))
    , network_(network)
    , time_limit_(time_limit)
{
}

boost::asio::awaitable<DoctorResult> Doctor::examine()
{
    auto* provider = providers_.find(active_provider_);
    const auto hint =
        provider == nullptr ? std::string_view{"check_provider_configuration"} : provider->hint();
    const auto database =
        std::make_shared<Examination>(executor_, "db", "check_database_url_and_engine", time_limit_);
    const auto machines = std::make_shared<Examination>(executor_, "provider", hint, time_limit_);
    Probe ask_store = [&store = store_] { return probe_store(store); };
    Probe ask_provider = [provider, name = active_provider_] { return probe_provider(provider, name); };
    Examination::start(database, executor_, std::move(ask_store));
    Examination::start(machines, executor_, std::move(ask_provider));
    std::shared_ptr<Examination> tailnet;
    if (network_ != nullptr) {
        tailnet = std::make_shared<Examination>(executor_, std::string{network_->name()}, network_->hint(),
                                                time_limit_);
        Probe ask_network = [network = network_] { return network->diagnose(); };
        Examination::start(tailnet, executor_, std::move(ask_network));
    }

    DoctorResult result;
    result.active_provider = active_provider_;
    result.tailscale_enabled = network_ != nullptr;
    result.checks.push_back(co_await database->outcome());
    result.checks.push_back(co_await machines->outcome());
    if (tailnet) {
        result.checks.push_back(co_await tailnet->outcome());
    }
    co_return result;
}

} // namespace drukbox::service
