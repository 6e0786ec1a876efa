#include "service/service.hpp"

namespace drukbox::service {

ProviderRegistry make_providers(boost::asio::io_context& reactor, boost::asio::thread_pool& blocking,
                                const Settings& settings, const std::string& installation)
{
    ProviderRegistry registry;
    for (const auto& make : settings.providers) {
        registry.add(make(reactor.get_executor(), blocking, installation));
    }
    return registry;
}

} // namespace drukbox::service
