#include "service/providers/aws/credentials/profile.hpp"

namespace drukbox::service::aws {
namespace {

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view space = " \t\r";
    const auto first = text.find_first_not_of(space);
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(space) - first + 1);
}

void set(Profile& profile, std::string_view key, std::string value)
{
    if (key == "aws_access_key_id") {
        profile.access_key = std::move(value);
    } else if (key == "aws_secret_access_key") {
        profile.secret_key = Redacted{std::move(value)};
    } else if (key == "aws_session_token") {
        profile.session_token = Redacted{std::move(value)};
    } else if (key == "role_arn") {
        profile.role_arn = std::move(value);
    } else if (key == "source_profile") {
        profile.source_profile = std::move(value);
    } else if (key == "credential_source") {
        profile.credential_source = std::move(value);
    } else if (key == "web_identity_token_file") {
        profile.web_identity_token_file = std::move(value);
    } else if (key == "role_session_name") {
        profile.role_session_name = std::move(value);
    } else if (key == "external_id") {
        profile.external_id = std::move(value);
    }
}

/// The name of the profile that a section is; nothing for other sections.
std::optional<std::string> profile_name(std::string_view section, bool of_config)
{
    constexpr std::string_view prefix = "profile ";
    if (!of_config || section == "default") {
        return std::string{section};
    }
    if (section.starts_with(prefix)) {
        return std::string{trimmed(section.substr(prefix.size()))};
    }
    return std::nullopt;
}

void parse(std::string_view text, bool of_config, Profiles& profiles)
{
    Profile* profile = nullptr;
    while (!text.empty()) {
        const auto line_end = text.find('\n');
        const std::string_view line = text.substr(0, line_end);
        text.remove_prefix(line_end == std::string_view::npos ? text.size() : line_end + 1);
        const auto content = trimmed(line);
        if (content.empty() || content.front() == '#' || content.front() == ';') {
            continue;
        }
        if (content.front() == '[') {
            const auto name = profile_name(trimmed(content.substr(1, content.find(']') - 1)), of_config);
            profile = name ? &profiles[*name] : nullptr;
            continue;
        }
        const auto equals = content.find('=');
        // An indented line belongs to a nested setting, none of which is ours.
        if (profile != nullptr && equals != std::string_view::npos && line.front() != ' ' &&
            line.front() != '\t') {
            set(*profile, trimmed(content.substr(0, equals)),
                std::string{trimmed(content.substr(equals + 1))});
        }
    }
}

} // namespace

Profiles parse_profiles(std::string_view config, std::string_view credentials)
{
    Profiles profiles;
    parse(config, true, profiles);
    parse(credentials, false, profiles);
    return profiles;
}

} // namespace drukbox::service::aws
