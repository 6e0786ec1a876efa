#include "service/providers/local/uid_pool.hpp"

#include "posix/file.hpp"
#include "service/providers/provider.hpp"

#include <cerrno>
#include <random>

#include <fcntl.h>
#include <sys/stat.h>

namespace drukbox::service::local {

UidClaim UidClaim::take(std::uint32_t base, std::uint32_t count, const std::string& directory)
{
    if (::mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) {
        throw posix::failure(directory);
    }
    UidClaim claim;
    claim.lock = posix::open_at(AT_FDCWD, directory + "/uids", O_RDWR | O_CREAT, 0600);
    if (count == 0) {
        throw ProviderError("there is no uid for sandboxes");
    }
    // Anywhere in the range, so that a uid comes back late: what its former owner may have left behind in a
    // place that we do not know of is not handed to the next.
    std::random_device random;
    std::uint32_t at = std::uniform_int_distribution<std::uint32_t>{0, count - 1}(random);
    for (std::uint32_t tried = 0; tried < count; ++tried, at = (at + 1) % count) {
        struct flock lock{};
        lock.l_type = F_WRLCK;
        lock.l_whence = SEEK_SET;
        lock.l_start = base + at;
        lock.l_len = 1;
        // Of the open file, not of this process: it goes to the keeper with the descriptor.
        if (::fcntl(claim.lock.get(), F_OFD_SETLK, &lock) == 0) {
            claim.uid = base + at;
            return claim;
        }
        if (errno != EAGAIN && errno != EACCES) {
            throw posix::failure(directory + "/uids");
        }
    }
    throw ProviderError("all " + std::to_string(count) + " uids for sandboxes are taken");
}

} // namespace drukbox::service::local
