#pragma once

#include <fstream>
#include <sstream>
#include <string>

namespace drukbox::test {

/// Where engine.py has started an engine: DOCKER_HOST's value, or `unavailable: WHY`.
inline std::string engine_address(const std::string& kind)
{
    std::ifstream file{std::string{DRUKBOX_ENGINE_DIR} + "/" + kind + "/address"};
    std::ostringstream text;
    text << file.rdbuf();
    return file ? text.str() : "unavailable: " + kind + " was not started; CTest does";
}

} // namespace drukbox::test
