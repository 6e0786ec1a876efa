#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace drukbox::cli {

/// What the command's exit code says. `docs/cli.md` lists them for users.
enum class ExitCode : int
{
    ok = 0,
    failure = 1,
    usage = 2,
    not_found = 3,
    conflict = 4,
    auth = 5,
    unavailable = 6,
    provisioning = 7,
};

/// A command could not do what it was asked. `what()` is one line, the hint another: what to do about it.
class Failure : public std::runtime_error
{
public:
    Failure(ExitCode code, const std::string& message, std::string hint = {})
        : std::runtime_error(message)
        , code_(code)
        , hint_(std::move(hint))
    {
    }

    [[nodiscard]] ExitCode code() const noexcept { return code_; }

    [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

private:
    ExitCode code_;
    std::string hint_;
};

} // namespace drukbox::cli
