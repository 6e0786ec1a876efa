#include "support/postgresql_server.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <unistd.h>

namespace drukbox::test {
namespace {

/// What a shell command prints, without the line's end.
std::string output_of(const std::string& command)
{
    FILE* pipe = ::popen(command.c_str(), "re");
    if (pipe == nullptr) {
        throw std::runtime_error("cannot run " + command);
    }
    std::string output;
    std::array<char, 512> buffer{};
    while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) {
        output += buffer.data();
    }
    if (::pclose(pipe) != 0) {
        throw std::runtime_error("failed: " + command);
    }
    output.erase(output.find_last_not_of('\n') + 1);
    return output;
}

std::string unused_directory()
{
    // Short: a socket lies in it.
    auto name = (std::filesystem::temp_directory_path() / "drukbox-pg.XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error("no temporary directory");
    }
    std::filesystem::remove(name);
    return name;
}

} // namespace

PostgresqlServer::PostgresqlServer()
    : directory_(unused_directory())
    , url_(output_of(DRUKBOX_POSTGRESQL_SCRIPT " start " + directory_))
{
}

PostgresqlServer::~PostgresqlServer()
{
    try {
        control("stop");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
    }
}

void PostgresqlServer::restart()
{
    control("restart");
}

void PostgresqlServer::crash()
{
    control("crash");
}

void PostgresqlServer::resume()
{
    control("resume");
}

const std::string& PostgresqlServer::shared_url()
{
    static const std::string url = []() -> std::string {
        if (const char* file = std::getenv("DRUKBOX_TEST_POSTGRESQL")) {
            std::string text;
            std::getline(std::ifstream{file}, text);
            return text;
        }
        static const PostgresqlServer server;
        return server.url();
    }();
    return url;
}

void PostgresqlServer::control(const std::string& command)
{
    output_of(DRUKBOX_POSTGRESQL_SCRIPT " " + command + " " + directory_ + " 2>&1");
}

} // namespace drukbox::test
