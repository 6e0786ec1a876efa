#include "service/providers/docker/key_files.hpp"

#include <charconv>
#include <fstream>
#include <ranges>
#include <sstream>
#include <vector>

namespace drukbox::service::docker {
namespace {

bool parse_id(std::string_view text, std::uint32_t& id)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    // What fits the seven octal digits of a tar header.
    return error == std::errc{} && end == text.data() + text.size() && id < (1U << 21U);
}

void add_key(TarArchive& archive, std::string_view authorized_key, const Account& account)
{
    const auto directory = account.home + "/.ssh";
    archive.add_directory(directory + "/", 0700, account.owner);
    archive.add_file(directory + "/authorized_keys", 0600, account.owner, std::string{authorized_key} + "\n");
}

} // namespace

Account find_account(std::string_view passwd, std::string_view user)
{
    for (const auto line : std::views::split(passwd, '\n')) {
        std::vector<std::string_view> fields;
        for (const auto field : std::views::split(line, ':')) {
            fields.emplace_back(field.begin(), field.end());
        }
        if (fields.size() < 6 || fields[0] != user) {
            continue;
        }
        Account account;
        if (!parse_id(fields[2], account.owner.uid) || !parse_id(fields[3], account.owner.gid) ||
            fields[5].size() < 2 || fields[5].size() > 64 || !fields[5].starts_with('/')) {
            break;
        }
        account.home = fields[5].substr(1);
        return account;
    }
    throw ProviderError("the image has no user " + std::string{user} + " whom SSH could let in");
}

std::string boot_archive(const VmSpec& spec, const Account& account, std::string_view setup)
{
    constexpr std::string_view host_key = "etc/ssh/ssh_host_ed25519_key";
    TarArchive archive;
    archive.add_file(host_key, 0600, Owner{}, spec.host_key.reveal());
    archive.add_file(std::string{host_key} + ".pub", 0644, Owner{}, spec.host_public_key + "\n");
    add_key(archive, spec.authorized_key, account);
    if (!setup.empty()) {
        archive.add_file("etc/drukbox/setup", 0755, Owner{}, setup);
    }
    return archive.str();
}

std::string key_archive(std::string_view authorized_key, const Account& account)
{
    TarArchive archive;
    add_key(archive, authorized_key, account);
    return archive.str();
}

std::string read_setup_script(const std::filesystem::path& path)
{
    std::ifstream file{path};
    std::ostringstream text;
    text << file.rdbuf();
    if (!file || text.str().empty()) {
        throw ProviderError("docker cannot read its setup script " + path.string());
    }
    return text.str();
}

} // namespace drukbox::service::docker
