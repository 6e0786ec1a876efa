#pragma once

#include "posix/file.hpp"
#include "posix/unique_fd.hpp"
#include "service/providers/provider.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace drukbox::test {

/// A TCP connection to the sandbox's port that says nothing yet.
inline posix::UniqueFd connect_to(const service::Vm& vm)
{
    posix::UniqueFd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(vm.ssh_port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
        throw posix::failure("connect");
    }
    return fd;
}

} // namespace drukbox::test
