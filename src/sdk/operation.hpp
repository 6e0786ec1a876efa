#pragma once

#include "http/client/client.hpp"

#include <drukbox/detail/operation.hpp>
#include <drukbox/sandbox_config.hpp>

#include <exception>
#include <memory>
#include <string_view>

namespace drukbox::inline v0::detail {

class Core
{
public:
    explicit Core(SandboxConfig checked_config);

    const SandboxConfig config;
    http::Client client;
};

/// An operation's request, or why there is none.
class Operation::State
{
public:
    State() = default;

    std::weak_ptr<Core> core;
    std::string_view name; ///< A literal.
    http::Request request;
    /// Whether the service may get the request twice without doing its work twice.
    bool repeatable = true;
    std::exception_ptr refusal;
};

/// An answer, or why there is none.
class Outcome::State
{
public:
    State() = default;

    std::string_view operation; ///< A literal.
    bool repeatable = true;
    std::exception_ptr failure;
    http::Response response;
};

} // namespace drukbox::inline v0::detail
