#include "keeper/counters.hpp"

#include "posix/file.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>

#include <fcntl.h>

namespace drukbox::keeper {

void limit_counters()
{
    constexpr std::int64_t share = 8;
    for (const auto& [of_a_user, of_this_namespace] :
         {std::pair{"/proc/sys/fs/inotify/max_user_instances", "/proc/sys/user/max_inotify_instances"},
          std::pair{"/proc/sys/fs/inotify/max_user_watches", "/proc/sys/user/max_inotify_watches"}}) {
        const std::string text = posix::read_file(AT_FDCWD, of_a_user);
        std::int64_t most = 0;
        std::from_chars(text.data(), text.data() + text.size(), most);
        const std::int64_t own = std::max<std::int64_t>(most / share, 1);
        posix::write_existing(AT_FDCWD, of_this_namespace, std::to_string(own));
    }
}

} // namespace drukbox::keeper
