#include "posix/pipe.hpp"

#include "posix/file.hpp"

#include <array>

#include <fcntl.h>
#include <unistd.h>

namespace drukbox::posix {

Pipe::Pipe()
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw failure("pipe");
    }
    read.reset(ends[0]);
    write.reset(ends[1]);
}

} // namespace drukbox::posix
