#pragma once

/// All of the SDK for Litterbox services.

#include <drukbox/litterbox/behaviour.hpp>
#include <drukbox/litterbox/create_host_request.hpp>
#include <drukbox/litterbox/sandbox_api.hpp>
#include <drukbox/litterbox/sandbox_client.hpp>
#include <drukbox/litterbox/sandbox_config.hpp>
#include <drukbox/litterbox/sandbox_host.hpp>
#include <drukbox/sandbox_error.hpp>
