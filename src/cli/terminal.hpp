#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace drukbox::cli {

/// To be called first of all: a descriptor opened later must not become a standard stream that was closed,
/// and a reader that goes away must not end the process in the middle of its work.
void prepare_standard_streams();

/// Nobody reads standard output any more: a reason to end quietly.
class OutputClosed
{
};

/// Writes to standard output. Throws OutputClosed, or Failure when it cannot be written.
void print(std::string_view text);

/// Writes a message for the user to standard error, as `drukbox: …`; what came from elsewhere in it is made
/// printable. Never fails.
void print_error(std::string_view message, std::string_view hint = {}) noexcept;

/// Whether standard output takes colour: a terminal that knows it, and NO_COLOR is not set.
[[nodiscard]] bool colour_output();

/// Asks on the terminal; true for an answer that begins with y. False where there is no terminal to ask on.
[[nodiscard]] bool confirm(const std::string& question);

/// While it lives, shows on standard error what is being waited for and for how long; nothing where that is
/// not a terminal.
class Progress
{
public:
    /// `label` is called on a thread of its own, again and again.
    explicit Progress(std::function<std::string()> label);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress();

private:
    void show();

    std::function<std::string()> label_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::mutex mutex_;
    std::condition_variable wake_;
    bool done_ = false;
    std::thread thread_;
};

} // namespace drukbox::cli
