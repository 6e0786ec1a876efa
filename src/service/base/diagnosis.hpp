#pragma once

#include <string>

namespace drukbox::service {

/// The outcome of a cheap read-only probe of a provider or a network.
class Diagnosis
{
public:
    Diagnosis() = default;

    bool ok = false;
    std::string detail;
};

} // namespace drukbox::service
