#include "service/service.hpp"

#include "http/server/tls_context.hpp"
#include "service/api/responses.hpp"
#include "service/networking/observed_network.hpp"
#include "service/networking/tailscale/tailscale_network.hpp"
#include "service/runtime/log.hpp"
#include "service/runtime/private_file.hpp"
#include "service/store/host_table.hpp"
#include "service/store/installation_table.hpp"
#include "service/store/sealing_table.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <csignal>

#include <sys/resource.h>
#include <sys/stat.h>

namespace drukbox::service {
namespace {

// What blocks is mostly waiting: files, the spawning of processes.
constexpr std::size_t blocking_threads = 8;

/// What lies below the state directory belongs to one service: its reconciler removes what has no row in its
/// database.
FileLock lock_state(const Settings& settings)
{
    make_private_directory(settings.state_dir);
    check_private_directory("STATE_DIR", settings.state_dir);
    auto lock = FileLock::try_lock(settings.state_dir / "lock");
    if (!lock) {
        throw DatabaseInUse("STATE_DIR", "another drukbox service uses " + settings.state_dir.string());
    }
    return std::move(*lock);
}

Sealer make_sealer(const Settings& settings)
{
    return settings.sealing_key ? Sealer{*settings.sealing_key}
                                : Sealer::from_file(settings.state_dir / "sealing.key");
}

/// Whoever may use the service may read its metrics; a scraper need not be able to use the service.
std::vector<Redacted> metrics_tokens(const Settings& settings)
{
    auto tokens = settings.tokens;
    if (settings.metrics_token) {
        tokens.push_back(*settings.metrics_token);
    }
    return tokens;
}

/// A group may read it: that is how Debian's ssl-cert lets services have the machine's key.
void refuse_key_for_everybody(const std::string& file)
{
    struct stat key{};
    if (::stat(file.c_str(), &key) == 0 && (key.st_mode & S_IRWXO) != 0) {
        throw SettingError("TLS_KEY_FILE",
                           file + " is open to every user of this machine: chmod o= makes it private");
    }
}

std::shared_ptr<const http::TlsContext> make_tls(const Settings& settings)
{
    if (settings.tls_certificate_file.empty()) {
        return nullptr;
    }
    refuse_key_for_everybody(settings.tls_key_file);
    try {
        return std::make_shared<http::TlsContext>(settings.tls_certificate_file, settings.tls_key_file);
    } catch (const std::runtime_error& error) {
        throw SettingError("TLS_CERT_FILE", error.what());
    }
}

/// The name of this service among those that share its database, the same at every start from one state
/// directory.
std::string read_replica_id(const Settings& settings)
{
    auto id = read_or_create_private_file(settings.state_dir / "replica",
                                          [] { return wire::Uuid::v7(wire::now()).str() + "\n"; });
    id.erase(id.find_last_not_of(" \r\n") + 1);
    return id;
}

std::string read_installation(Database& store)
{
    auto read = [](Session& sql) { return installation_table::read_or_make(sql, wire::now()); };
    return store.write_now(read);
}

std::unique_ptr<Network> make_network(const Settings& settings, boost::asio::io_context& reactor,
                                      boost::asio::thread_pool& blocking, Metrics& metrics)
{
    if (!settings.tailscale) {
        return nullptr;
    }
    auto network = tailscale::make_tailscale_network(reactor.get_executor(), blocking, *settings.tailscale);
    return observed(std::move(network), metrics);
}

http::ServerOptions make_server_options()
{
    http::ServerOptions options;
    // Connections that nobody has authenticated must never take the descriptors that the service itself
    // needs.
    rlimit descriptors{};
    if (::getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
        options.max_connections = std::min<std::size_t>(options.max_connections, descriptors.rlim_cur / 2);
    }
    options.max_unknown_per_peer = std::max<std::size_t>(options.max_connections / 4, 1);
    options.error_response = [](unsigned status, std::string_view reason) {
        return api::error_response(status, reason);
    };
    options.on_unhandled = [](const std::exception_ptr& failure) {
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& error) {
            log::error("connection.internal_error").field("error", error.what());
        }
    };
    return options;
}

} // namespace

std::vector<std::string> check_settings(const Settings& settings, const ProviderFactory& providers)
{
    check_private_directory("STATE_DIR", settings.state_dir);
    static_cast<void>(make_tls(settings));
    boost::asio::io_context reactor{1};
    boost::asio::thread_pool blocking{1};
    const auto registry = providers(reactor, blocking, settings, "");
    std::vector<std::string> warnings;
    for (const auto* provider : registry.all()) {
        for (const auto& warning : provider->warnings()) {
            warnings.push_back(std::string{provider->name()} + ": " + warning);
        }
    }
    blocking.join();
    return warnings;
}

Service::Service(const Settings& settings, const ProviderFactory& providers)
    : settings_(settings)
    , state_lock_(lock_state(settings_))
    , blocking_(blocking_threads)
    , sealer_(make_sealer(settings_))
    , store_(settings_.database_url)
    , installation_(read_installation(store_))
    , providers_(providers(reactor_, blocking_, settings_, installation_).observed(metrics_))
    , network_(make_network(settings_, reactor_, blocking_, metrics_))
    , hosts_(lifecycle_dependencies())
    , proxies_(hosts_, providers_, settings_.default_provider)
    , doctor_(reactor_.get_executor(), store_, providers_, settings_.default_provider, network_.get())
    , authenticator_(settings_.tokens)
    , metrics_authenticator_(metrics_tokens(settings_))
    , creates_(settings_.creates_per_minute)
    , api_(hosts_, proxies_, doctor_, authenticator_, creates_, wire::now)
    , front_(api_, metrics_, settings_.max_requests_in_flight,
             settings_.check_host ? front::HostCheck{settings_.listen} : front::HostCheck{})
    , server_(reactor_.get_executor(), make_server_options(),
              [this](http::Exchange& exchange) { return front_.handle(exchange); })
{
    server_.use_tls(make_tls(settings_));
    api_.add("GET", "/metrics", api::Router::Access::open,
             [this](api::RoutedRequest request) { return show_metrics(std::move(request)); });
    auto check = [this](Session& sql) { sealing_table::check(sql, sealer_.fingerprints()); };
    store_.write_now(check);
    refuse_unknown_pools();
    hosts_.recover();
    refuse_to_share_machines();
    for (auto* provider : providers_.all()) {
        for (const auto& warning : provider->warnings()) {
            log::warning("provider.warning").field("provider", provider->name()).field("warning", warning);
        }
    }
}

LifecycleDependencies Service::lifecycle_dependencies()
{
    return LifecycleDependencies{.executor = reactor_.get_executor(),
                                 .store = store_,
                                 .shared_store = store_.kind() == DatabaseKind::postgresql,
                                 .providers = providers_,
                                 .network = network_.get(),
                                 .sealer = sealer_,
                                 .metrics = metrics_,
                                 .replica_id = read_replica_id(settings_),
                                 .default_provider = settings_.default_provider,
                                 .policy = settings_.hosts};
}

void Service::refuse_unknown_pools() const
{
    for (const auto& [name, size] : settings_.hosts.pool_sizes) {
        if (size > 0 && providers_.find(name) == nullptr) {
            throw SettingError("POOL_SIZES", "should name providers of this service, not '" + name + "'");
        }
    }
}

/// Machines that are on a replica's own host only: another one would take them for lost.
void Service::refuse_to_share_machines()
{
    if (!hosts_.replica().has_company()) {
        return;
    }
    for (const auto* provider : providers_.all()) {
        if (provider->capabilities().exclusive_inventory) {
            throw SettingError("DATABASE_URL", "is another replica's as well, and the machines of the " +
                                                   std::string{provider->name()} +
                                                   " provider cannot be shared");
        }
    }
}

Service::~Service()
{
    // Nothing may come back to the reactor once its parts are being destroyed.
    blocking_.join();
}

std::string Service::listen()
{
    try {
        return server_.listen(settings_.listen, settings_.listen_mode);
    } catch (const std::invalid_argument& error) {
        throw SettingError("LISTEN", error.what());
    } catch (const boost::system::system_error& error) {
        throw SettingError("LISTEN", "cannot listen on " + settings_.listen + ": " + error.code().message());
    }
}

void Service::heed_signals(std::function<Settings()> reload)
{
    reload_ = std::move(reload);
    hangups_.add(SIGHUP);
    reload_on_hangup();
    signals_.add(SIGTERM);
    signals_.add(SIGINT);
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
        if (error) {
            return;
        }
        log::info("service.stopping").field("signal", signal);
        stop();
        signals_.async_wait([this](const boost::system::error_code& again, int) {
            if (!again) {
                reactor_.stop();
            }
        });
    });
}

void Service::reload_on_hangup()
{
    hangups_.async_wait([this](const boost::system::error_code& error, int) {
        if (error) {
            return;
        }
        try {
            take(reload_());
        } catch (const std::exception& failure) {
            // What was in force stays in force.
            log::error("service.reload_failed").field("error", failure.what());
        }
        reload_on_hangup();
    });
}

/// All of it or nothing.
void Service::take(const Settings& settings)
{
    auto tls = make_tls(settings);
    server_.use_tls(std::move(tls));
    authenticator_.replace(settings.tokens);
    metrics_authenticator_.replace(metrics_tokens(settings));
    log::info("service.reloaded").field("tokens", settings.tokens.size());
}

boost::asio::awaitable<http::Response> Service::show_metrics(api::RoutedRequest request)
{
    if (!settings_.metrics_open) {
        auto authenticated = metrics_authenticator_.authenticate(request.exchange.headers());
        if (auto* refusal = std::get_if<http::Response>(&authenticated)) {
            co_return std::move(*refusal);
        }
        request.exchange.client_is_known();
    }
    auto count = [](Session& sql) { return host_table::count_by_state(sql); };
    metrics_.hosts(co_await store_.read(std::move(count)));
    metrics_.requests_in_flight(front_.in_flight());
    co_return http::Response{200, "text/plain; version=0.0.4; charset=utf-8", metrics_.text()};
}

void Service::run()
{
    log::info("service.installation").field("id", installation_);
    hosts_.run(settings_.reconcile_interval);
    reactor_.run();
}

void Service::stop()
{
    auto begin = [this] {
        if (!std::exchange(stopping_, true)) {
            if (before_stop_) {
                before_stop_();
            }
            boost::asio::co_spawn(reactor_, shut_down(), boost::asio::detached);
        }
    };
    boost::asio::post(reactor_, std::move(begin));
}

bool Service::reconcile_once()
{
    auto round = [this]() -> boost::asio::awaitable<void> { static_cast<void>(co_await hosts_.reconcile()); };
    return run_once(round());
}

bool Service::maintain_pool_once()
{
    return run_once(hosts_.maintain_pool());
}

bool Service::run_once(boost::asio::awaitable<void> round)
{
    auto& replica = hosts_.replica();
    if (!replica.leads()) {
        return false;
    }
    replica.judge_at_once();
    auto task = [this, &replica, &round]() -> boost::asio::awaitable<void> {
        boost::asio::co_spawn(reactor_, replica.run(), boost::asio::detached);
        co_await std::move(round);
        static_cast<void>(co_await hosts_.finish(std::chrono::hours{1}));
    };
    auto done = [this](const std::exception_ptr& failure) {
        reactor_.stop();
        if (failure) {
            std::rethrow_exception(failure);
        }
    };
    boost::asio::co_spawn(reactor_, task, std::move(done));
    reactor_.run();
    return true;
}

boost::asio::awaitable<void> Service::shut_down()
{
    hosts_.stop();
    co_await server_.stop(settings_.stop_grace);
    const bool finished = co_await hosts_.finish(settings_.stop_grace);
    if (!finished) {
        log::warning("service.shutdown_incomplete").field("tasks", hosts_.unfinished());
    }
    log::info("service.stopped");
    reactor_.stop();
}

} // namespace drukbox::service
