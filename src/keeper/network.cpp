#include "keeper/network.hpp"

#include "keeper/child.hpp"
#include "keeper/inside.hpp"
#include "posix/file.hpp"
#include "posix/pipe.hpp"
#include "posix/unique_fd.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

namespace drukbox::keeper {
namespace {

using posix::UniqueFd;

struct Destination
{
    int family;
    const char* address;
    unsigned char prefix;
};

constexpr std::array unreachable{
    // Behind the local table's route, for who binds to the interface: libslirp would connect to the host's.
    Destination{AF_INET, "127.0.0.0", 8},
    Destination{AF_INET, "10.0.2.3", 32}, // libslirp's resolver, which is off
    Destination{AF_INET, "169.254.0.0", 16},
    Destination{AF_INET, "100.100.100.200", 32}, // Alibaba Cloud's metadata
    Destination{AF_INET, "168.63.129.16", 32},   // Azure's host
    Destination{AF_INET, "192.0.0.192", 32},     // Oracle Cloud's metadata
    Destination{AF_INET6, "fe80::", 10},
};

void add_unreachable_route(int netlink, const Destination& destination)
{
    struct
    {
        nlmsghdr header;
        rtmsg route;
        rtattr attribute;
        std::array<unsigned char, 16> address;
    } request{};

    const std::size_t size = destination.family == AF_INET ? 4 : 16;
    request.header.nlmsg_len = static_cast<std::uint32_t>(offsetof(decltype(request), address) + size);
    request.header.nlmsg_type = RTM_NEWROUTE;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
    request.route.rtm_family = static_cast<unsigned char>(destination.family);
    request.route.rtm_dst_len = destination.prefix;
    request.route.rtm_table = RT_TABLE_MAIN;
    request.route.rtm_protocol = RTPROT_STATIC;
    request.route.rtm_scope = RT_SCOPE_UNIVERSE;
    request.route.rtm_type = RTN_UNREACHABLE;
    request.attribute.rta_type = RTA_DST;
    request.attribute.rta_len = static_cast<unsigned short>(RTA_LENGTH(size));
    ::inet_pton(destination.family, destination.address, request.address.data());
    if (::send(netlink, &request, request.header.nlmsg_len, 0) < 0) {
        throw posix::failure("netlink");
    }

    alignas(nlmsghdr) std::array<char, 1024> answer{};
    if (::recv(netlink, answer.data(), answer.size(), 0) <
        static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr)))) {
        throw posix::failure("netlink");
    }
    const auto* const error =
        static_cast<const nlmsgerr*>(NLMSG_DATA(reinterpret_cast<const nlmsghdr*>(answer.data())));
    // A kernel without IPv6 has no link-local addresses of it either.
    if (error->error != 0 && !(destination.family == AF_INET6 && error->error == -EAFNOSUPPORT) &&
        !(destination.family == AF_INET6 && error->error == -EOPNOTSUPP)) {
        errno = -error->error;
        throw posix::failure(std::string{"unreachable route for "} + destination.address);
    }
}

void add_unreachable_routes()
{
    const UniqueFd netlink{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)};
    if (!netlink) {
        throw posix::failure("netlink");
    }
    for (const Destination& destination : unreachable) {
        add_unreachable_route(netlink.get(), destination);
    }
}

/// Its last words are the ones that matter, and only all of them tell which those are.
std::string words(int fd)
{
    std::array<char, 512> buffer{};
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    std::string text{buffer.data(), static_cast<std::size_t>(got > 0 ? got : 0)};
    std::replace(text.begin(), text.end(), '\n', ';');
    return text;
}

} // namespace

void start_network(const Config& config, const SandboxUser& user, pid_t init)
{
    const InnerNamespace network{init, "net", CLONE_NEWNET};
    network.run(user, "cannot close off link-local addresses", [&network] {
        network.enter();
        add_unreachable_routes();
    });

    posix::Pipe ready;
    posix::Pipe output;
    const UniqueFd null = posix::open_at(AT_FDCWD, "/dev/null", O_RDWR);
    Child child{user};
    child.command = {config.slirp4netns, "--configure", "--mtu=65520", "--disable-host-loopback",
                     // 10.0.2.3 would lead to the host's resolver on any port, and that may be on loopback.
                     "--disable-dns", "--enable-sandbox", "--enable-seccomp", "--ready-fd=3",
                     "--netns-type=path", "/proc/self/fd/4", "tap0"};
    child.descriptors = {{null.get(), STDIN_FILENO},
                         {null.get(), STDOUT_FILENO},
                         {output.write.get(), STDERR_FILENO},
                         {ready.write.get(), 3},
                         {network.get(), 4}};
    child.cgroups = config.cgroups;
    child.yields = config.cpu_group.empty();
    // Its own sandbox needs capabilities in there, and with --userns-path it does not get them.
    child.user_namespace = network.owner();
    (void)child.start();
    ready.write.reset();
    output.write.reset();
    // Bounded: the keeper has a deadline to keep, and nobody to watch over it.
    constexpr int patience_ms = 10'000;
    pollfd answer{ready.read.get(), POLLIN, 0};
    char byte = 0;
    if (::poll(&answer, 1, patience_ms) != 1) {
        throw std::runtime_error("slirp4netns does not answer");
    }
    if (::read(ready.read.get(), &byte, 1) != 1) {
        throw std::runtime_error("slirp4netns: " + words(output.read.get()));
    }
}

} // namespace drukbox::keeper
