#include "keeper/limits.hpp"

#include <algorithm>

#include <sys/resource.h>

namespace drukbox::keeper {

void leave_half()
{
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    constexpr rlim_t usual = 1024;
    files.rlim_max = std::max(files.rlim_max / 2, std::min(files.rlim_max, 2 * usual));
    files.rlim_cur = std::min(files.rlim_max, usual);
    ::setrlimit(RLIMIT_NOFILE, &files);

    for (const auto resource : {RLIMIT_SIGPENDING, RLIMIT_MSGQUEUE}) {
        rlimit limit{};
        ::getrlimit(resource, &limit);
        if (limit.rlim_cur != RLIM_INFINITY) {
            limit.rlim_max = limit.rlim_cur = limit.rlim_cur / 2;
            ::setrlimit(resource, &limit);
        }
    }
}

} // namespace drukbox::keeper
