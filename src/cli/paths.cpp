#include "cli/paths.hpp"

#include "cli/failure.hpp"

#include <cstdlib>
#include <optional>

#include <unistd.h>

namespace drukbox::cli {
namespace {

std::optional<std::filesystem::path> absolute_path_in(const char* variable)
{
    const char* value = std::getenv(variable);
    // The XDG rules: a relative path is to be ignored.
    if (value == nullptr || *value != '/') {
        return std::nullopt;
    }
    return std::filesystem::path(value);
}

std::filesystem::path base_directory(const char* xdg_variable, const char* below_home)
{
    if (const auto directory = absolute_path_in(xdg_variable)) {
        return *directory / "drukbox";
    }
    if (const auto home = absolute_path_in("HOME")) {
        return *home / below_home / "drukbox";
    }
    if (::geteuid() == 0) {
        return "/var/lib/drukbox";
    }
    throw Failure(ExitCode::failure, std::string("no place to keep files: neither ") + xdg_variable +
                                         " nor HOME is set to an absolute path");
}

} // namespace

std::filesystem::path state_directory()
{
    if (const char* value = std::getenv("STATE_DIR"); value != nullptr && *value != '\0') {
        return std::filesystem::absolute(value);
    }
    return base_directory("XDG_STATE_HOME", ".local/state");
}

std::filesystem::path key_directory()
{
    return base_directory("XDG_DATA_HOME", ".local/share") / "hosts";
}

} // namespace drukbox::cli
