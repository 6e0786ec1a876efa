#include "keeper/config.hpp"

#include <charconv>
#include <stdexcept>

namespace drukbox::keeper {
namespace {

template <class Number>
Number number(std::string_view text)
{
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw std::runtime_error("keeper configuration: not a number: " + std::string{text});
    }
    return value;
}

void set(Config& config, std::string_view key, std::string_view value)
{
    if (key == "name") {
        config.name = value;
    } else if (key == "uid") {
        config.uid = number<std::uint32_t>(value);
    } else if (key == "gid") {
        config.gid = number<std::uint32_t>(value);
    } else if (key == "newuidmap") {
        config.newuidmap = value;
    } else if (key == "newgidmap") {
        config.newgidmap = value;
    } else if (key == "deadline") {
        config.deadline = number<std::int64_t>(value);
    } else if (key == "bwrap") {
        config.bwrap = value;
    } else if (key == "slirp4netns") {
        config.slirp4netns = value;
    } else if (key == "cgroup") {
        config.cgroups.emplace_back(value);
    } else if (key == "cpu-group") {
        config.cpu_group = value;
    } else if (key == "guest") {
        config.guest_command.emplace_back(value);
    } else if (key == "sources") {
        config.sources = number<unsigned>(value);
    } else if (const auto space = value.find(' '); key == "remount" && space != std::string_view::npos) {
        config.remounts.emplace_back(value.substr(0, space), value.substr(space + 1));
    } else {
        throw std::runtime_error("keeper configuration: unknown key " + std::string{key});
    }
}

} // namespace

std::string Config::format() const
{
    std::string text;
    const auto line = [&text](std::string_view key, std::string_view value) {
        text.append(key).append(" ").append(value).append("\n");
    };
    line("name", name);
    line("uid", std::to_string(uid));
    if (!newuidmap.empty()) {
        line("gid", std::to_string(gid));
        line("newuidmap", newuidmap);
        line("newgidmap", newgidmap);
    }
    if (deadline) {
        line("deadline", std::to_string(*deadline));
    }
    line("bwrap", bwrap);
    if (!slirp4netns.empty()) {
        line("slirp4netns", slirp4netns);
    }
    for (const std::string& cgroup : cgroups) {
        line("cgroup", cgroup);
    }
    if (!cpu_group.empty()) {
        line("cpu-group", cpu_group);
    }
    for (const std::string& argument : guest_command) {
        line("guest", argument);
    }
    line("sources", std::to_string(sources));
    for (const auto& [mount_point, options] : remounts) {
        line("remount", mount_point + " " + options);
    }
    return text;
}

Config Config::parse(std::string_view text)
{
    Config config;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        const auto space = line.find(' ');
        if (end == std::string_view::npos || space == std::string_view::npos) {
            throw std::runtime_error("keeper configuration: cut off");
        }
        set(config, line.substr(0, space), line.substr(space + 1));
        text.remove_prefix(end + 1);
    }
    return config;
}

} // namespace drukbox::keeper
