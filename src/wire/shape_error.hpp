#pragma once

#include <stdexcept>

namespace drukbox::wire {

/// A JSON value that is not the record it should be; `what()` names the key and what was expected of it.
class ShapeError : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

} // namespace drukbox::wire
