#pragma once

#include "service/providers/exe/command_line.hpp"
#include "service/providers/exe/exe_settings.hpp"
#include "service/providers/provider.hpp"
#include "service/remote/api_client.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

namespace drukbox::service::exe {

/// What a command did.
class CommandResult
{
public:
    CommandResult() = default;

    bool ok = false;
    std::string output;  ///< Of a command that succeeded.
    std::string failure; ///< What a failed one says.
    ApiAnswer answer;
};

/// How often a command may run without harm.
enum class Repeatable
{
    yes,
    no
};

/// Where exe.dev takes commands: `POST /exec`, one a request.
class CommandEndpoint
{
public:
    CommandEndpoint(boost::asio::any_io_executor executor, const ExeSettings& settings);

    /// Runs a command. One that exe.dev refuses is a result too; what is no answer of a command (a refused
    /// token, a failing server, a cut connection) is thrown as a ProviderError.
    [[nodiscard]] boost::asio::awaitable<CommandResult> run(CommandLine command, Repeatable repeatable,
                                                            std::string doing);

    /// The output of a command that must succeed.
    [[nodiscard]] boost::asio::awaitable<std::string> output(CommandLine command, Repeatable repeatable,
                                                             std::string doing);

private:
    Redacted token_;
    ApiClient client_;
};

} // namespace drukbox::service::exe
