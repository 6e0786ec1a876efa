#include "cli/terminal.hpp"

#include "cli/duration.hpp"
#include "cli/failure.hpp"
#include "wire/printable_text.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace drukbox::cli {
namespace {

void write_to_terminal(std::string_view text)
{
    while (!text.empty()) {
        const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return;
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

} // namespace

void prepare_standard_streams()
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
        // Read-only for all three: what is written to a closed stream still fails, as it should.
        if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
            (void)::open("/dev/null", O_RDONLY);
        }
    }
    std::signal(SIGPIPE, SIG_IGN);
}

void print(std::string_view text)
{
    while (!text.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            if (errno == EPIPE) {
                throw OutputClosed();
            }
            throw Failure(ExitCode::failure,
                          "cannot write standard output: " + std::generic_category().message(errno));
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

void print_error(std::string_view message, std::string_view hint) noexcept
{
    try {
        std::string text = "drukbox: " + wire::printable(message) + "\n";
        if (!hint.empty()) {
            text += "hint: " + wire::printable(hint) + "\n";
        }
        write_to_terminal(text);
    } catch (const std::bad_alloc&) {
        write_to_terminal("drukbox: out of memory\n");
    }
}

bool colour_output()
{
    const char* no_colour = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    return ::isatty(STDOUT_FILENO) != 0 && (no_colour == nullptr || *no_colour == '\0') &&
           terminal != nullptr && std::string_view(terminal) != "dumb";
}

bool confirm(const std::string& question)
{
    if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0) {
        return false;
    }
    write_to_terminal(question + " [y/N] ");
    std::string answer;
    std::getline(std::cin, answer);
    return !answer.empty() && (answer.front() == 'y' || answer.front() == 'Y');
}

Progress::Progress(std::function<std::string()> label)
    : label_(std::move(label))
{
    if (::isatty(STDERR_FILENO) != 0) {
        thread_ = std::thread([this] { show(); });
    }
}

Progress::~Progress()
{
    {
        const std::lock_guard lock(mutex_);
        done_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Progress::show()
{
    constexpr std::array<char, 4> frames{'|', '/', '-', '\\'};
    constexpr std::string_view clear_line = "\r\033[K";
    // What is done within a moment needs no sign of life.
    constexpr std::chrono::milliseconds time_limit{150};
    constexpr std::chrono::milliseconds tick{100};

    std::unique_lock lock(mutex_);
    const auto done = [this] { return done_; };
    if (wake_.wait_for(lock, time_limit, done)) {
        return;
    }
    for (std::size_t frame = 0;; ++frame) {
        const auto elapsed =
            std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start_);
        write_to_terminal(std::string(clear_line) + frames[frame % frames.size()] + " " + label_() + " " +
                          format_duration(elapsed));
        if (wake_.wait_for(lock, tick, done)) {
            break;
        }
    }
    write_to_terminal(clear_line);
}

} // namespace drukbox::cli
