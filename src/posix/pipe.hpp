#pragma once

#include "posix/unique_fd.hpp"

namespace drukbox::posix {

/// A pipe whose ends are closed on exec. The constructor throws std::system_error.
class Pipe
{
public:
    Pipe();

    UniqueFd read;
    UniqueFd write;
};

} // namespace drukbox::posix
