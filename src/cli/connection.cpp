#include "cli/connection.hpp"

#include "cli/failure.hpp"
#include "cli/paths.hpp"
#include "cli/private_file.hpp"

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace drukbox::cli {
namespace {

constexpr const char* url_variable = "SANDBOX_SERVICE_URL";
constexpr const char* token_variable = "SANDBOX_SERVICE_TOKEN";
constexpr const char* default_address = "http://127.0.0.1:8780";

std::string environment(const char* name)
{
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : value;
}

std::string trimmed(std::string text)
{
    constexpr const char* space = " \t\r\n";
    text.erase(text.find_last_not_of(space) + 1);
    text.erase(0, text.find_first_not_of(space));
    return text;
}

std::string read_token(const std::string& file)
{
    std::string token;
    try {
        token = trimmed(read_small_file(file));
    } catch (const std::system_error& error) {
        throw Failure(ExitCode::usage, "cannot read the token file " + file + ": " + error.code().message());
    }
    if (token.empty())
        throw Failure(ExitCode::usage, "the token file " + file + " is empty");
    return token;
}

Connection remote_connection(std::string url, const ConnectionOptions& options)
{
    Connection connection;
    while (url.ends_with('/'))
        url.pop_back();
    connection.identity = url;
    connection.url = std::move(url);
    if (!options.token_file.empty()) {
        connection.token = read_token(options.token_file);
        connection.token_source = options.token_file;
    } else {
        connection.token = trimmed(environment(token_variable));
        connection.token_source = token_variable;
    }
    if (connection.token.empty())
        throw Failure(ExitCode::usage, "no token for " + connection.url,
                      std::string("set ") + token_variable +
                          ", or name a file that holds it with --token-file");
    return connection;
}

Connection local_connection(const ConnectionOptions& options)
{
    const std::filesystem::path state = state_directory();
    Connection connection;
    connection.local = true;
    connection.identity = "local:" + std::filesystem::weakly_canonical(state).string();
    connection.token_source = options.token_file.empty() ? (state / "token").string() : options.token_file;
    try {
        connection.token = trimmed(read_small_file(connection.token_source));
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::no_such_file_or_directory || !options.token_file.empty())
            throw Failure(ExitCode::failure,
                          "cannot read " + connection.token_source + ": " + error.code().message());
        throw Failure(ExitCode::unavailable,
                      "no service: " + std::string(url_variable) + " is not set, and none was started here",
                      "start one here with: drukbox serve --dev");
    }
    try {
        connection.url = trimmed(read_small_file(state / "address"));
    } catch (const std::system_error&) {
        connection.url = default_address;
    }
    return connection;
}

} // namespace

Connection find_connection(const ConnectionOptions& options)
{
    if (!options.url.empty())
        return remote_connection(options.url, options);
    if (std::string url = trimmed(environment(url_variable)); !url.empty())
        return remote_connection(std::move(url), options);
    if (!environment(token_variable).empty())
        throw Failure(ExitCode::usage,
                      std::string(token_variable) + " is set, but " + url_variable + " is not");
    return local_connection(options);
}

} // namespace drukbox::cli
