#include "service/service.hpp"

namespace drukbox::service {

ProviderRegistry make_providers(boost::asio::io_context&, boost::asio::thread_pool&, const Settings&)
{
    return {};
}

} // namespace drukbox::service
