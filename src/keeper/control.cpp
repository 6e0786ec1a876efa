#include "keeper/control.hpp"

#include "posix/file.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace drukbox::keeper {
namespace {

bool trusted(int fd)
{
    ucred peer{};
    socklen_t length = sizeof(peer);
    return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
           (peer.uid == 0 || peer.uid == ::geteuid());
}

void send_text(int fd, std::string_view text)
{
    // Who has hung up in the meantime needs no answer.
    [[maybe_unused]] const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

} // namespace

Control::Control(EventLoop& loop, posix::UniqueFd listener, Answer answer)
    : loop_(loop)
    , listener_(std::move(listener))
    , answer_(std::move(answer))
{
    // Once more after the service: from now on, who connects sees this process at the other end. With a long
    // queue, since who cannot enter it does not see whom it has to end.
    if (::listen(listener_.get(), SOMAXCONN) != 0) {
        throw posix::failure("control socket");
    }
    loop_.add(listener_.get(), POLLIN, [this](short) { accept(); });
}

void Control::accept()
{
    posix::UniqueFd client{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (!client) {
        // Without a descriptor for it, it would be readable again at once.
        loop_.pause(listener_.get(), std::chrono::milliseconds{100});
        return;
    }
    if (!trusted(client.get())) {
        return;
    }
    const int fd = client.get();
    clients_.emplace(fd, std::move(client));
    loop_.add(fd, POLLIN, [this, fd](short) { serve(fd); });
}

void Control::serve(int fd)
{
    std::array<char, 128> buffer{};
    const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got <= 0) {
        loop_.remove(fd);
        clients_.erase(fd);
        return;
    }
    send_text(fd, answer_({buffer.data(), static_cast<std::size_t>(got)}));
}

void Control::answer_all(std::string_view text)
{
    for (const auto& [fd, client] : clients_) {
        send_text(fd, text);
    }
}

} // namespace drukbox::keeper
