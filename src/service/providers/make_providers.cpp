#include "service/service.hpp"

namespace drukbox::service {

ProviderRegistry make_providers(boost::asio::io_context& reactor, boost::asio::thread_pool& blocking,
                                const Settings& settings)
{
    ProviderRegistry registry;
    for (const auto& make : settings.providers) {
        registry.add(make(reactor.get_executor(), blocking));
    }
    return registry;
}

} // namespace drukbox::service
