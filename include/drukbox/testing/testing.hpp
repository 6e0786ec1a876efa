#pragma once

/// \file
/// All of the library for tests of programs that use the SDK.

#include <drukbox/testing/answer.hpp>
#include <drukbox/testing/fake_service.hpp>
#include <drukbox/testing/fake_service_options.hpp>
#include <drukbox/testing/http_proxy_state.hpp>
#include <drukbox/testing/operation.hpp>
#include <drukbox/testing/recorded_request.hpp>
#include <drukbox/testing/service_state.hpp>
