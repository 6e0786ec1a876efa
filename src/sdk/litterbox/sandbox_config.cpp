#include <drukbox/litterbox/sandbox_config.hpp>

namespace drukbox::inline v0::litterbox {

SandboxConfig SandboxConfig::from_env(std::string_view prefix, Behaviour behaviour)
{
    SandboxConfig config{behaviour};
    config.read_env(prefix);
    return config;
}

} // namespace drukbox::inline v0::litterbox
