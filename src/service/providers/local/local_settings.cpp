#include "service/providers/local/local_settings.hpp"

#include "service/environment/read.hpp"

#include <algorithm>

#include <arpa/inet.h>

namespace drukbox::service::local {
namespace {

/// Where the keeper and the guest lie: beside this program in a build, in libexec when installed.
std::filesystem::path find_programs()
{
    const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    return std::filesystem::exists(here / "drukbox-keeper") ? here
                                                            : here.parent_path() / "libexec" / "drukbox";
}

std::vector<std::string> name_servers(const std::string& text)
{
    std::vector<std::string> servers = split_list(text);
    for (const std::string& server : servers) {
        in_addr parsed{};
        if (::inet_pton(AF_INET, server.c_str(), &parsed) != 1) {
            throw SettingError("LOCAL_DNS",
                               "should be IPv4 addresses separated by commas, not '" + text + "'");
        }
    }
    return servers;
}

std::vector<std::filesystem::path> image_directories(const Environment& environment,
                                                     const std::filesystem::path& service_state_dir,
                                                     const std::string& default_image)
{
    std::vector<std::filesystem::path> directories;
    if (const auto list = environment.text("LOCAL_IMAGE_DIRS")) {
        for (const std::string& directory : split_list(*list)) {
            if (!directory.starts_with('/')) {
                throw SettingError("LOCAL_IMAGE_DIRS",
                                   "should be absolute paths separated by commas, not '" + *list + "'");
            }
            directories.emplace_back(directory);
        }
    } else {
        directories.push_back(service_state_dir / "images");
    }
    if (default_image.starts_with('/')) {
        directories.emplace_back(default_image);
    }
    return directories;
}

void check_user_name(const std::string& user)
{
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    if (user.size() > 32 || !std::ranges::all_of(user, fits) ||
        (user.front() >= '0' && user.front() <= '9') || user.front() == '-' || user == "root") {
        throw SettingError("LOCAL_SSH_USERNAME",
                           "should be a user name of a-z, 0-9, _ and -, not '" + user + "'");
    }
}

} // namespace

LocalSettings LocalSettings::load(const Environment& environment,
                                  const std::filesystem::path& service_state_dir)
{
    LocalSettings result;
    result.state_dir = service_state_dir / "local";
    result.program_dir = find_programs();
    read(environment, "LOCAL_DEFAULT_IMAGE", result.default_image);
    result.image_dirs = image_directories(environment, service_state_dir, result.default_image);
    read(environment, "LOCAL_SSH_USERNAME", result.ssh_username);
    check_user_name(result.ssh_username);
    if (const auto network = environment.text("LOCAL_NETWORK")) {
        if (*network != "none" && *network != "nat") {
            throw SettingError("LOCAL_NETWORK", "should be 'none' or 'nat', not '" + *network + "'");
        }
        result.network = *network == "nat" ? Network::nat : Network::none;
    }
    if (const auto isolation = environment.text("LOCAL_ISOLATION")) {
        if (*isolation != "strict" && *isolation != "shared") {
            throw SettingError("LOCAL_ISOLATION", "should be 'strict' or 'shared', not '" + *isolation + "'");
        }
        result.isolation = *isolation == "strict" ? Isolation::strict : Isolation::shared;
    }
    result.dns = name_servers(environment.text("LOCAL_DNS").value_or(""));
    constexpr std::int64_t most_mb = std::int64_t{1} << 30;
    constexpr std::int64_t most_uid = 4'294'967'293;
    read(environment, "LOCAL_MEMORY_MB", result.memory_mb, 0, most_mb);
    read(environment, "LOCAL_PIDS", result.pids, 0, 1 << 22);
    read(environment, "LOCAL_HOME_MB", result.home_mb, 1, most_mb);
    read(environment, "LOCAL_TMP_MB", result.tmp_mb, 1, most_mb);
    read(environment, "LOCAL_UID_BASE", result.uid_base, 1000, most_uid);
    read(environment, "LOCAL_UID_COUNT", result.uid_count, 1, most_uid - result.uid_base);
    read(environment, "LOCAL_BOOTSTRAP_SSH_TIMEOUT_SECONDS", result.ready_timeout_seconds, 1, 86'400);
    if (const auto cpus = environment.number("LOCAL_CPUS", 0)) {
        result.cpus = *cpus;
    }
    return result;
}

} // namespace drukbox::service::local
