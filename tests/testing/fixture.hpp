#pragma once

#include <drukbox/drukbox.hpp>
#include <drukbox/testing/testing.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drukbox::test {

using testing::FakeService;
using testing::ServiceState;

/// A fake service and a client of it.
class ServiceTest : public ::testing::Test
{
protected:
    /// The error of that class that `action` throws.
    template <class Error, class Action>
    static Error error_of(const Action& action)
    {
        try {
            action();
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "no error";
        return Error{SandboxErrorInfo()};
    }

    FakeService service_;
    ServiceState state_ = service_.state();
    SandboxClient client_{service_.config()};
};

} // namespace drukbox::test
