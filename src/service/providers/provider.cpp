#include "service/providers/provider.hpp"

namespace drukbox::service {

boost::asio::awaitable<void> Provider::replace_key(std::string, std::string)
{
    throw ProviderError(std::string{name()} + " does not replace keys");
    co_return;
}

} // namespace drukbox::service
