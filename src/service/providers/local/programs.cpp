#include "service/providers/local/programs.hpp"

#include "service/providers/local/keeper_process.hpp"

#include <array>

#include <unistd.h>

namespace drukbox::service::local {
namespace {

bool executable(const std::string& path)
{
    return ::access(path.c_str(), X_OK) == 0;
}

/// Not by PATH, which for a service may hold anything: a program that gets root must be the system's.
std::string find_system_program(const std::string& name)
{
    for (const char* const directory : {"/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/usr/local/sbin/"}) {
        if (executable(directory + name)) {
            return directory + name;
        }
    }
    return {};
}

std::string missing_package(const std::string& program, const std::string& package)
{
    return program + " is missing: install the package " + package;
}

} // namespace

Programs Programs::find(const LocalSettings& settings)
{
    Programs programs;
    programs.bwrap = find_system_program("bwrap");
    if (programs.bwrap.empty()) {
        programs.missing.push_back(missing_package("bwrap", "bubblewrap"));
    }
    if (find_system_program("sshd").empty()) {
        programs.missing.push_back(missing_package("sshd", "openssh-server"));
    }
    if (settings.network == Network::nat) {
        programs.slirp4netns = find_system_program("slirp4netns");
        if (programs.slirp4netns.empty()) {
            programs.missing.push_back(missing_package("slirp4netns", "slirp4netns"));
        }
    }
    programs.newuidmap = find_system_program("newuidmap");
    programs.newgidmap = find_system_program("newgidmap");
    programs.keeper = settings.program_dir / "drukbox-keeper";
    programs.guest = settings.program_dir / "drukbox-guest";
    for (const std::string& path : {programs.keeper, programs.guest}) {
        if (!executable(path)) {
            programs.missing.push_back(
                path + " is missing: it belongs to drukbox, which is not installed completely");
        }
    }
    return programs;
}

std::string complaint_about_bwrap(const std::string& bwrap, std::chrono::milliseconds patience)
{
    const Outcome outcome = Outcome::of({bwrap, "--help"}, patience);
    if (outcome.exit_code != 0) {
        return bwrap + " --help fails or does not end: reinstall the package bubblewrap";
    }
    if (outcome.output.find("--ro-bind-fd") == std::string::npos) {
        return bwrap +
               " cannot bind by descriptor: install a newer package bubblewrap (0.8.0-2+deb12u1 on Debian "
               "12, elsewhere 0.10)";
    }
    return {};
}

} // namespace drukbox::service::local
