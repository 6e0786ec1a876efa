#include "keeper/peer.hpp"

#include <array>
#include <cstring>

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace drukbox::keeper {
namespace {

struct Request
{
    nlmsghdr header;
    inet_diag_req_v2 body;
};

bool ask(int netlink, const sockaddr_in& theirs, const sockaddr_in& ours)
{
    Request request{};
    request.header.nlmsg_len = sizeof(request);
    request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request.header.nlmsg_flags = NLM_F_REQUEST;
    request.body.sdiag_family = AF_INET;
    request.body.sdiag_protocol = IPPROTO_TCP;
    request.body.idiag_states = ~0U;
    request.body.id.idiag_sport = theirs.sin_port;
    request.body.id.idiag_dport = ours.sin_port;
    request.body.id.idiag_src[0] = theirs.sin_addr.s_addr;
    request.body.id.idiag_dst[0] = ours.sin_addr.s_addr;
    request.body.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    request.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return ::send(netlink, &request, sizeof(request), MSG_DONTWAIT) == sizeof(request);
}

} // namespace

PeerLookup::PeerLookup()
    : netlink_(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG))
{
}

std::int64_t PeerLookup::uid_of(int connection) const
{
    sockaddr_in theirs{};
    sockaddr_in ours{};
    socklen_t length = sizeof(theirs);
    if (::getpeername(connection, reinterpret_cast<sockaddr*>(&theirs), &length) != 0) {
        return unknown;
    }
    length = sizeof(ours);
    if (::getsockname(connection, reinterpret_cast<sockaddr*>(&ours), &length) != 0) {
        return unknown;
    }
    if (!netlink_ || !ask(netlink_.get(), theirs, ours)) {
        return unknown;
    }
    // The kernel answers within send().
    alignas(nlmsghdr) std::array<char, 1024> answer{};
    const ssize_t got = ::recv(netlink_.get(), answer.data(), answer.size(), MSG_DONTWAIT);
    nlmsghdr header{};
    inet_diag_msg found{};
    if (got < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(found)))) {
        return unknown;
    }
    std::memcpy(&header, answer.data(), sizeof(header));
    std::memcpy(&found, answer.data() + NLMSG_HDRLEN, sizeof(found));
    // A socket that its owner has closed has no inode, and belongs to root as far as older kernels can tell.
    if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY || found.id.idiag_sport != theirs.sin_port ||
        found.idiag_inode == 0) {
        return unknown;
    }
    return found.idiag_uid;
}

} // namespace drukbox::keeper
