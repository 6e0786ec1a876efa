#pragma once

/// All of the SDK.

#include <drukbox/create_host_request.hpp>
#include <drukbox/create_http_proxy_request.hpp>
#include <drukbox/doctor_check.hpp>
#include <drukbox/doctor_report.hpp>
#include <drukbox/http_proxy.hpp>
#include <drukbox/http_proxy_attachment.hpp>
#include <drukbox/lease.hpp>
#include <drukbox/log_entry.hpp>
#include <drukbox/sandbox_api.hpp>
#include <drukbox/sandbox_client.hpp>
#include <drukbox/sandbox_config.hpp>
#include <drukbox/sandbox_error.hpp>
#include <drukbox/sandbox_host.hpp>
#include <drukbox/version.hpp>
