#include "cli/connection.hpp"

#include "cli/failure.hpp"
#include "cli/paths.hpp"
#include "cli/private_file.hpp"
#include "posix/living_file.hpp"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>

namespace drukbox::cli {
namespace {

constexpr const char* url_variable = "SANDBOX_SERVICE_URL";
constexpr const char* token_variable = "SANDBOX_SERVICE_TOKEN";
constexpr const char* plain_http_variable = "DRUKBOX_ALLOW_PLAIN_HTTP";

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

std::string read_token(const std::string& file, const std::string& hint = {})
{
    std::string token;
    try {
        token = trimmed(read_small_file(file));
    } catch (const std::system_error& error) {
        throw Failure(ExitCode::usage, "cannot read the token file " + file + ": " + error.code().message(),
                      hint);
    }
    if (token.empty()) {
        throw Failure(ExitCode::usage, "the token file " + file + " is empty", hint);
    }
    return token;
}

std::string without_trailing_slashes(std::string url)
{
    while (url.ends_with('/')) {
        url.pop_back();
    }
    return url;
}

/// The variables are a pair: the token of one service is not for another that the command line names.
void require_token_of(const std::string& url)
{
    const std::string meant = without_trailing_slashes(trimmed(environment(url_variable)));
    if (!meant.empty() && meant != url) {
        throw Failure(ExitCode::usage,
                      std::string(token_variable) + " is the token of " + meant + ", not of " + url,
                      "name a file that holds the token with --token-file");
    }
}

Connection remote_connection(std::string url, const ConnectionOptions& options)
{
    Connection connection;
    connection.url = without_trailing_slashes(std::move(url));
    connection.identity = connection.url;
    connection.allow_plain_http = options.allow_plain_http || environment(plain_http_variable) == "1";
    if (!options.token_file.empty()) {
        connection.token = read_token(options.token_file);
        connection.token_source = options.token_file;
    } else {
        require_token_of(connection.url);
        connection.token = trimmed(environment(token_variable));
        connection.token_source = token_variable;
    }
    if (connection.token.empty()) {
        throw Failure(ExitCode::usage, "no token for " + connection.url,
                      std::string("set ") + token_variable +
                          ", or name a file that holds it with --token-file");
    }
    return connection;
}

/// Where the service of this user says that it is, for as long as it lives. Its token goes nowhere else:
/// whatever listens at an address of which nobody says so could be anybody's.
std::string local_address(const std::filesystem::path& file)
{
    std::optional<std::string> address;
    try {
        address = posix::read_living_file(file.string());
    } catch (const std::system_error& error) {
        throw Failure(ExitCode::failure, "cannot read " + file.string() + ": " + error.code().message(),
                      "it should be this user's, and nobody else should be able to write it");
    }
    if (!address) {
        throw Failure(ExitCode::unavailable,
                      "no service: " + std::string(url_variable) +
                          " is not set, and this user runs none on this machine",
                      "start one here with: drukbox serve --dev");
    }
    return trimmed(std::move(*address));
}

Connection local_connection(const ConnectionOptions& options)
{
    const std::filesystem::path state = state_directory();
    Connection connection;
    connection.local = true;
    connection.identity = "local:" + std::filesystem::weakly_canonical(state).string();
    connection.url = local_address(state / "address");
    connection.token_source = options.token_file.empty() ? (state / "token").string() : options.token_file;
    connection.token = read_token(connection.token_source,
                                  "a service with SERVICE_TOKENS needs one of them: --token-file FILE");
    return connection;
}

} // namespace

Connection find_connection(const ConnectionOptions& options)
{
    if (!options.url.empty()) {
        return remote_connection(options.url, options);
    }
    if (std::string url = trimmed(environment(url_variable)); !url.empty()) {
        return remote_connection(std::move(url), options);
    }
    if (!environment(token_variable).empty()) {
        throw Failure(ExitCode::usage,
                      std::string(token_variable) + " is set, but " + url_variable + " is not");
    }
    return local_connection(options);
}

} // namespace drukbox::cli
