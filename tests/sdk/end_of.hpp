#pragma once

#include <drukbox/sandbox_error.hpp>

#include <gtest/gtest.h>

#include <typeinfo>

namespace drukbox::sdk {

enum class Expected
{
    success,
    unavailable,
    response
};

/// What a call ends with.
template <class Action>
Expected end_of(const Action& action)
{
    try {
        action();
        return Expected::success;
    } catch (const SandboxUnavailableError& error) {
        EXPECT_STREQ(typeid(error).name(), typeid(SandboxUnavailableError).name());
        EXPECT_EQ(error.status(), 0);
        return Expected::unavailable;
    } catch (const SandboxResponseError&) {
        return Expected::response;
    }
}

} // namespace drukbox::sdk
