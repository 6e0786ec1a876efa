#pragma once

#include "http/client/client.hpp"
#include "sdk/verdict.hpp"

#include <drukbox/detail/operation.hpp>
#include <drukbox/sandbox_config.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>

namespace drukbox::inline v0::detail {

class Core
{
public:
    using LogHook = decltype(SandboxConfig::log);

    explicit Core(SandboxConfig checked_config, sdk::Dialect service_dialect = sdk::Dialect::drukbox);

    const SandboxConfig config;
    const sdk::Dialect dialect;
    /// Null where nobody listens. Before the client, whose I/O thread must not be the last to know it: what a
    /// hook owns may be a client.
    const std::shared_ptr<const LogHook> log;
    http::Client client;
};

/// An operation's request, or why there is none.
class Operation::State
{
public:
    State() = default;

    std::weak_ptr<Core> core;
    std::shared_ptr<const Core::LogHook> log;
    sdk::Dialect dialect = sdk::Dialect::drukbox;
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

    std::shared_ptr<const Operation::State> operation;
    std::exception_ptr failure;
    http::Response response;
    /// How long it took; nothing where no request was made, or nobody wants to know.
    std::optional<std::chrono::microseconds> duration;
};

} // namespace drukbox::inline v0::detail
