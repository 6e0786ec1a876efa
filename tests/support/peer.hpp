#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace drukbox::test {

/// The other side hung up, reset the connection, or kept silent for longer than any test waits.
class PeerError : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// One end of a TCP or Unix connection, blocking: for saying on the wire exactly what a test wants to be
/// said.
class Peer
{
public:
    explicit Peer(int fd);
    Peer(Peer&& other) noexcept;
    Peer& operator=(Peer&& other) noexcept;
    ~Peer();

    static Peer connect(std::uint16_t port);
    void connect_to(std::uint16_t port);
    static Peer connect_unix(const std::string& path);

    void send(std::string_view bytes);
    /// Sends what the connection takes before it breaks; false if that was not all.
    bool try_send(std::string_view bytes);

    /// Everything up to and including `mark`.
    std::string read_until(std::string_view mark);
    std::string read(std::size_t bytes);
    /// Everything until the other side closes its direction.
    std::string read_to_end();
    /// Header and Content-Length body of the next message.
    std::string read_message();

    /// The same, for a message that has no body whatever its header says.
    std::string read_header() { return read_until("\r\n\r\n"); }

    /// Waits for the other side to close; false if it sends something first.
    bool wait_closed();

    /// Closes our direction only.
    void finish();
    /// Breaks the connection so that the other side sees a reset.
    void reset();
    void close();

    /// Ends every blocked call; may be called from another thread.
    void interrupt() noexcept;

    [[nodiscard]] int fd() const noexcept { return fd_; }

private:
    bool fill();

    int fd_;
    std::string input_;
};

} // namespace drukbox::test
