#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace drukbox::service {

/// A setting that stops the start. `what()` is one line that names the variable and says what it should be.
class SettingError : public std::runtime_error
{
public:
    SettingError(std::string_view variable, std::string_view problem)
        : std::runtime_error(std::string{variable} + ": " + std::string{problem})
    {
    }
};

} // namespace drukbox::service
