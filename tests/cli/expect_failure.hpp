#pragma once

#include "cli/failure.hpp"

#include <gtest/gtest.h>

#include <string>

namespace drukbox::cli {

/// The Failure that an action ends in; a test failure when it ends in none.
template <class Action>
Failure failure_of(Action&& action)
{
    try {
        action();
    } catch (const Failure& failure) {
        return failure;
    }
    ADD_FAILURE() << "expected a Failure";
    return {ExitCode::ok, ""};
}

} // namespace drukbox::cli
