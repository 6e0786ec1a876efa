#pragma once

#include "service/base/provider_error.hpp"

#include <string>

namespace drukbox::service {

/// What a scripted provider or network throws where a test says so.
class ScriptedError : public ProviderError
{
public:
    explicit ScriptedError(const std::string& message)
        : ProviderError("ScriptedError", message)
    {
    }
};

} // namespace drukbox::service
