#include <drukbox/version.hpp>

namespace drukbox::inline v0 {

std::string_view version() noexcept
{
    return DRUKBOX_VERSION_STRING;
}

} // namespace drukbox::inline v0
