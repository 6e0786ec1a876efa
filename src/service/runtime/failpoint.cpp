#include "service/runtime/failpoint.hpp"

#ifdef DRUKBOX_FAILPOINTS

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

#include <unistd.h>

namespace drukbox::service {

void failpoint(std::string_view when, std::string_view step)
{
    static const char* const wanted = std::getenv("DRUKBOX_FAILPOINT");
    static const char* const trace = std::getenv("DRUKBOX_FAILPOINT_TRACE");
    if (wanted == nullptr && trace == nullptr) {
        return;
    }
    // Passed on the reactor thread alone.
    static std::map<std::string, int> passed;
    auto place = std::string{when} + ":" + std::string{step};
    const int count = ++passed[place];
    if (trace != nullptr) {
        std::ofstream{trace, std::ios::app} << place << '\n';
    }
    if (wanted != nullptr && place + ":" + std::to_string(count) == wanted) {
        ::kill(::getpid(), SIGKILL);
    }
}

} // namespace drukbox::service

#else

namespace drukbox::service {

void failpoint(std::string_view, std::string_view) {}

} // namespace drukbox::service

#endif
