#pragma once

#include "http/server/server.hpp"
#include "service/api/api.hpp"
#include "service/doctor/doctor.hpp"
#include "service/front/front_door.hpp"
#include "service/hosts/lifecycle.hpp"
#include "service/metrics/metrics.hpp"
#include "service/networking/network.hpp"
#include "service/providers/registry.hpp"
#include "service/runtime/file_lock.hpp"
#include "service/sealing/sealer.hpp"
#include "service/settings.hpp"
#include "service/store/database.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace drukbox::service {

/// Makes the providers of a service. What blocks in them goes to the thread pool; the text is the id of the
/// installation.
using ProviderFactory = std::function<ProviderRegistry(boost::asio::io_context&, boost::asio::thread_pool&,
                                                       const Settings&, const std::string&)>;

/// The providers that the settings ask for.
[[nodiscard]] ProviderRegistry make_providers(boost::asio::io_context& reactor,
                                              boost::asio::thread_pool& blocking, const Settings& settings,
                                              const std::string& installation);

/// Tries what a start would try of the settings without touching anything: the TLS files and the providers.
/// Returns the providers' warnings. Throws SettingError.
[[nodiscard]] std::vector<std::string> check_settings(const Settings& settings,
                                                      const ProviderFactory& providers);

/// The service put together: one reactor thread for HTTP and the lifecycle, threads for what blocks.
class Service
{
public:
    /// Opens the database and recovers what a predecessor left. Throws SettingError.
    Service(const Settings& settings, const ProviderFactory& providers);
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;
    ~Service();

    /// Begins to accept requests; returns the address in force. Throws SettingError.
    std::string listen();

    /// From now on SIGTERM and SIGINT are a stop(), a second one ends run() at once, and SIGHUP has `reload`
    /// read again what may change while the service runs: the tokens, the TLS files.
    void heed_signals(std::function<Settings()> reload);

    /// Has `callback` called as a stop begins, while the address is still held. To be said before run().
    void before_stop(std::function<void()> callback) { before_stop_ = std::move(callback); }

    /// Serves until stop().
    void run();

    /// Stops gracefully: requests and provisions under way may end within the grace. Any thread.
    void stop();

    /// One round of the reconciler, or of the pool, instead of run(). False when another replica leads, which
    /// does this by itself.
    bool reconcile_once();
    bool maintain_pool_once();

private:
    void refuse_unknown_pools() const;
    void refuse_to_share_machines();
    void reload_on_hangup();
    void take(const Settings& settings);
    LifecycleDependencies lifecycle_dependencies();
    bool run_once(boost::asio::awaitable<void> round);
    boost::asio::awaitable<void> shut_down();
    boost::asio::awaitable<http::Response> show_metrics(api::RoutedRequest request);

    const Settings settings_;
    const FileLock state_lock_;
    boost::asio::io_context reactor_{1};
    boost::asio::signal_set signals_{reactor_};
    boost::asio::signal_set hangups_{reactor_};
    boost::asio::thread_pool blocking_;
    Sealer sealer_;
    Database store_;
    const std::string installation_;
    Metrics metrics_;
    ProviderRegistry providers_;
    const std::unique_ptr<Network> network_;
    Lifecycle hosts_;
    HttpProxyService proxies_;
    Doctor doctor_;
    api::Authenticator authenticator_;
    api::Authenticator metrics_authenticator_;
    api::CreateLimiter creates_;
    api::Api api_;
    front::FrontDoor front_;
    http::Server server_;
    std::function<Settings()> reload_;
    std::function<void()> before_stop_;
    bool stopping_ = false;
};

} // namespace drukbox::service
