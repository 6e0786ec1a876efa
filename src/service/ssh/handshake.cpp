#include "service/ssh/handshake.hpp"

#include <libssh/libssh.h>

#include <algorithm>
#include <memory>

namespace drukbox::service::ssh {
namespace {

struct SessionDeleter
{
    void operator()(ssh_session_struct* session) const noexcept { ssh_free(session); }
};

struct KeyDeleter
{
    void operator()(ssh_key_struct* key) const noexcept { ssh_key_free(key); }
};

struct TextDeleter
{
    void operator()(char* text) const noexcept { ssh_string_free_char(text); }
};

using Session = std::unique_ptr<ssh_session_struct, SessionDeleter>;

void set(const Session& session, ssh_options_e option, const void* value)
{
    if (ssh_options_set(session.get(), option, value) != SSH_OK) {
        throw HandshakeFailed(ssh_get_error(session.get()));
    }
}

} // namespace

std::string read_host_key(posix::UniqueFd socket, std::string_view type, std::chrono::milliseconds limit)
{
    const Session session{ssh_new()};
    if (!session) {
        throw HandshakeFailed("no memory for an SSH session");
    }
    const bool off = false;
    const long seconds = limit.count() / 1000;
    const long microseconds = std::max<long>(1, limit.count() % 1000 * 1000);
    const std::string types{type};
    // The operator's configuration could start a ProxyCommand.
    set(session, SSH_OPTIONS_PROCESS_CONFIG, &off);
    set(session, SSH_OPTIONS_SSH_DIR, "/nonexistent");
    set(session, SSH_OPTIONS_HOST, "machine");
    set(session, SSH_OPTIONS_USER, "drukbox");
    set(session, SSH_OPTIONS_HOSTKEYS, types.c_str());
    set(session, SSH_OPTIONS_TIMEOUT, &seconds);
    set(session, SSH_OPTIONS_TIMEOUT_USEC, &microseconds);
    // The session closes it.
    const socket_t fd = socket.release();
    set(session, SSH_OPTIONS_FD, &fd);
    if (ssh_connect(session.get()) != SSH_OK) {
        throw HandshakeFailed(ssh_get_error(session.get()));
    }
    ssh_key raw = nullptr;
    if (ssh_get_server_publickey(session.get(), &raw) != SSH_OK) {
        throw HandshakeFailed("the server shows no host key");
    }
    const std::unique_ptr<ssh_key_struct, KeyDeleter> key{raw};
    char* text = nullptr;
    if (ssh_pki_export_pubkey_base64(key.get(), &text) != SSH_OK) {
        throw HandshakeFailed("a host key could not be exported");
    }
    const std::unique_ptr<char, TextDeleter> base64{text};
    // Says goodbye, so that a server counts this as an ended connection and not as a broken one.
    ssh_disconnect(session.get());
    return std::string{ssh_key_type_to_char(ssh_key_type(key.get()))} + " " + base64.get();
}

} // namespace drukbox::service::ssh
