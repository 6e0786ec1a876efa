#include "http/server/channel.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <new>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace drukbox::http {
namespace {

int int_size(std::size_t size) noexcept
{
    return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

Channel::Result plain_result(ssize_t returned, Channel::Progress when_full) noexcept
{
    if (returned > 0) {
        return {Channel::Progress::done, static_cast<std::size_t>(returned)};
    }
    if (returned < 0 && (errno == EAGAIN || errno == EINTR)) {
        return {when_full, 0};
    }
    return {Channel::Progress::closed, 0};
}

} // namespace

void Channel::Free::operator()(SSL* ssl) const noexcept
{
    SSL_free(ssl);
}

Channel::Channel(int fd) noexcept
    : fd_(fd)
{
}

Channel::Channel(int fd, const TlsContext* tls)
    : fd_(fd)
{
    if (tls == nullptr) {
        return;
    }
    ssl_.reset(SSL_new(tls->native()));
    if (!ssl_ || SSL_set_fd(ssl_.get(), fd) != 1) {
        throw std::bad_alloc();
    }
    SSL_set_accept_state(ssl_.get());
}

Channel::Result Channel::receive(std::span<char> into) noexcept
{
    if (!ssl_) {
        return plain_result(::recv(fd_, into.data(), into.size(), MSG_DONTWAIT), Progress::wants_read);
    }
    ERR_clear_error();
    return tls_result(SSL_read(ssl_.get(), into.data(), int_size(into.size())));
}

Channel::Result Channel::send(std::string_view first, std::string_view second) noexcept
{
    if (!ssl_) {
        std::array<iovec, 2> parts{{{const_cast<char*>(first.data()), first.size()},
                                    {const_cast<char*>(second.data()), second.size()}}};
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
        return plain_result(::sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT), Progress::wants_write);
    }
    const auto next = first.empty() ? second : first;
    ERR_clear_error();
    return tls_result(SSL_write(ssl_.get(), next.data(), int_size(next.size())));
}

Channel::Result Channel::tls_result(int returned) const noexcept
{
    if (returned > 0) {
        return {Progress::done, static_cast<std::size_t>(returned)};
    }
    switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
        return {Progress::wants_read, 0};
    case SSL_ERROR_WANT_WRITE:
        return {Progress::wants_write, 0};
    default:
        return {Progress::closed, 0};
    }
}

bool Channel::holds_input() const noexcept
{
    return ssl_ && SSL_pending(ssl_.get()) > 0;
}

void Channel::finish() noexcept
{
    if (ssl_ && SSL_is_init_finished(ssl_.get()) == 1) {
        ERR_clear_error();
        SSL_shutdown(ssl_.get());
    }
}

} // namespace drukbox::http
