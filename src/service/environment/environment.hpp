#pragma once

#include "service/base/setting_error.hpp"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::service {

/// Named texts that settings are read from: the process environment before a `.env` file, names in any case.
class Environment
{
public:
    Environment() = default;

    /// The environment of this process, then the `.env` file of `directory` where there is one. Throws
    /// SettingError for a `.env` that is there but cannot be read or understood, and for one that somebody
    /// else than root and this process's user may have written.
    [[nodiscard]] static Environment of_process(const std::filesystem::path& directory);

    /// Sets a name that is not set yet; whether it was not.
    bool add(std::string_view name, std::string_view value);

    /// Adds what a `.env` text holds: `NAME=value` lines, optional `export`, quotes, `#` comments.
    void add_dotenv(std::string_view text, std::string_view origin);

    /// The names whose values a `.env` text has given.
    [[nodiscard]] const std::vector<std::string>& from_dotenv() const noexcept { return from_dotenv_; }

    /// The value, trimmed; nothing when the name is not set or blank.
    [[nodiscard]] std::optional<std::string> text(std::string_view name) const;

    /// The same for a secret, which may also lie in a file that `{name}_FILE` names; the file is read at each
    /// call. Throws SettingError when both are set, or the file cannot be read.
    [[nodiscard]] std::optional<std::string> secret(std::string_view name) const;

    /// Throws SettingError when the value is not a whole number from `least` to `most`.
    [[nodiscard]] std::optional<std::int64_t>
    integer(std::string_view name, std::int64_t least,
            std::int64_t most = std::numeric_limits<std::int64_t>::max()) const;

    /// Throws SettingError when the value is neither true (1, yes, on) nor false (0, no, off), in any case.
    [[nodiscard]] std::optional<bool> flag(std::string_view name) const;

    /// Whether a name that begins so, in any case, is set and not blank.
    [[nodiscard]] bool has_any(std::string_view prefix) const;

    /// Throws SettingError when the value is not a number of at least `least`.
    [[nodiscard]] std::optional<double> number(std::string_view name, double least) const;

private:
    std::map<std::string, std::string> values_;
    std::vector<std::string> from_dotenv_;
};

} // namespace drukbox::service
