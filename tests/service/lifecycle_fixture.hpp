#pragma once

#include "scripted_error.hpp"
#include "scripted_provider.hpp"
#include "service/hosts/errors.hpp"
#include "service/hosts/lifecycle.hpp"
#include "service/store/host_table.hpp"
#include "service/store/idempotency_table.hpp"
#include "service/store/session.hpp"
#include "support/temporary_directory.hpp"
#include "test_database.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <fstream>
#include <memory>
#include <optional>

namespace drukbox::service {

/// One run of a service's lifecycle over a database and a cloud that outlive it.
class Incarnation
{
public:
    Incarnation(const std::filesystem::path& directory, const DatabaseUrl& database,
                std::shared_ptr<ScriptedCloud> cloud, Network* network, HostPolicy policy, Timestamp begin,
                bool shared)
        : now(begin)
        , sealer(Sealer::from_file(directory / "sealing.key"))
        , store(database)
        , providers(make_providers(std::move(cloud)).observed(metrics))
        , hosts(LifecycleDependencies{.executor = io.get_executor(),
                                      .store = store,
                                      .shared_store = shared,
                                      .providers = providers,
                                      .network = network,
                                      .sealer = sealer,
                                      .metrics = metrics,
                                      .replica_id = "here",
                                      .default_provider = "scripted",
                                      .policy = std::move(policy),
                                      .now = [this] { return now; }})
    {
        hosts.recover();
    }

    static ProviderRegistry make_providers(std::shared_ptr<ScriptedCloud> cloud)
    {
        ProviderRegistry registry;
        registry.add(std::make_unique<ScriptedProvider>(std::move(cloud)));
        return registry;
    }

    /// Runs a coroutine to its end; what it throws is thrown here.
    template <class T>
    T run(boost::asio::awaitable<T> task)
    {
        std::optional<T> result;
        std::exception_ptr failure;
        bool done = false;
        boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, T value) {
            failure = error;
            result = std::move(value);
            done = true;
        });
        run_until([&] { return done; });
        if (failure) {
            std::rethrow_exception(failure);
        }
        return std::move(*result);
    }

    void run(boost::asio::awaitable<void> task)
    {
        std::exception_ptr failure;
        bool done = false;
        boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr error) {
            failure = error;
            done = true;
        });
        run_until([&] { return done; });
        if (failure) {
            std::rethrow_exception(failure);
        }
    }

    /// Runs what is ready until a condition holds; fails the test when it does not come to hold.
    template <class Condition>
    void run_until(Condition condition)
    {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        while (!condition()) {
            if (std::chrono::steady_clock::now() > deadline) {
                throw std::runtime_error("the condition did not come to hold");
            }
            io.restart();
            io.run_one_for(std::chrono::milliseconds{100});
        }
    }

    std::optional<Host> row(const HostId& id)
    {
        auto find = [id](Session& sql) { return host_table::find(sql, id); };
        return store.write_now(find);
    }

    std::vector<Host> rows()
    {
        auto list = [](Session& sql) { return host_table::list(sql); };
        return store.write_now(list);
    }

    std::optional<HostId> key(const std::string& name)
    {
        auto find = [&](Session& sql) { return idempotency_table::find(sql, name, now); };
        const auto bound = store.write_now(find);
        return bound ? std::optional{bound->host} : std::nullopt;
    }

    Timestamp now;
    boost::asio::io_context io{1};
    Sealer sealer;
    Database store;
    Metrics metrics;
    ProviderRegistry providers;
    Lifecycle hosts;
};

class LifecycleTest : public ::testing::Test
{
protected:
    /// `shared`: the database may be another replica's too.
    explicit LifecycleTest(bool shared = false)
        : shared_(shared)
    {
        start(std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()));
    }

    /// Ends the present incarnation where it stands, as a kill would, and begins the next one.
    void restart()
    {
        const auto now = service->now;
        service.reset();
        cloud->on_step = nullptr;
        start(now);
    }

    void start(Timestamp now)
    {
        service = std::make_unique<Incarnation>(directory.path(), database.url(), cloud, joined, policy, now,
                                                shared_);
    }

    static CreateHost with_key(std::string key)
    {
        CreateHost command;
        command.idempotency_key = std::move(key);
        return command;
    }

    CreatedHost create(CreateHost command = {})
    {
        return service->run(service->hosts.create(std::move(command)));
    }

    /// Begins a create without waiting for it; the outcome is dropped.
    void begin_create(CreateHost command)
    {
        boost::asio::co_spawn(service->io, service->hosts.create(std::move(command)),
                              [](const std::exception_ptr&, const CreatedHost&) {});
    }

    /// Makes the provider throw at a step.
    void fail_at(std::string step)
    {
        cloud->on_step = [step = std::move(step)](const std::string& at,
                                                  const std::string&) -> std::shared_ptr<Signal> {
            if (at == step) {
                throw ScriptedError("failed at " + at);
            }
            return nullptr;
        };
    }

    /// Makes the provider wait at a step until the signal is set.
    std::shared_ptr<Signal> block_at(std::string step)
    {
        auto signal = std::make_shared<Signal>(service->io.get_executor());
        cloud->on_step = [this, step = std::move(step), signal](const std::string& at, const std::string&) {
            reached = reached || at == step;
            return at == step ? signal : nullptr;
        };
        reached = false;
        return signal;
    }

    void run_until_reached()
    {
        service->run_until([this] { return reached; });
    }

    test::TemporaryDirectory directory;
    TestDatabase database{directory.path()};
    std::shared_ptr<ScriptedCloud> cloud = std::make_shared<ScriptedCloud>();
    Network* joined = nullptr; ///< What machines join from the next start on.
    HostPolicy policy;
    bool reached = false;
    std::unique_ptr<Incarnation> service;

private:
    const bool shared_;
};

} // namespace drukbox::service
