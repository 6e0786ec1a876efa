#include "cli/key_store.hpp"

#include "cli/failure.hpp"
#include "cli/private_file.hpp"

#include <algorithm>
#include <cctype>
#include <system_error>
#include <utility>
#include <variant>

namespace drukbox::cli {
namespace {

constexpr const char* key_file = "id_ed25519";
constexpr const char* known_hosts_file = "known_hosts";
constexpr const char* service_file = "service";
constexpr const char* missing_file = "missing_since";

/// An id becomes the name of a directory: nothing but a UUID's characters gets that far.
bool is_safe_id(std::string_view id)
{
    return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](unsigned char c) {
        return std::isxdigit(c) != 0 || c == '-';
    });
}

/// Nothing for a file that is not there, as in a directory that another process is about to fill.
std::optional<std::string> content_of(const std::filesystem::path& path)
{
    try {
        return read_small_file(path);
    } catch (const std::system_error&) {
        return std::nullopt;
    }
}

void update(const std::filesystem::path& path, const std::string& content)
{
    if (content_of(path) != content) {
        write_private_file(path, content);
    }
}

} // namespace

KeyStore::KeyStore(std::filesystem::path directory)
    : directory_(std::move(directory))
{
}

std::filesystem::path KeyStore::directory_of(std::string_view host_id) const
{
    if (!is_safe_id(host_id)) {
        throw Failure(ExitCode::failure,
                      "the service sent a host id that is none: '" + std::string(host_id) + "'");
    }
    return directory_ / host_id;
}

void KeyStore::keep(const SandboxHost& host, const std::string& service) const
{
    const auto directory = directory_of(host.id);
    make_private_directory(directory);
    update(directory / service_file, service);
    update(directory / known_hosts_file, host.known_hosts);
    if (host.private_key) {
        update(directory / key_file, *host.private_key);
    }
    found(host.id);
}

std::optional<std::filesystem::path> KeyStore::private_key(std::string_view host_id) const
{
    auto path = directory_of(host_id) / key_file;
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
        return std::nullopt;
    }
    return path;
}

std::filesystem::path KeyStore::known_hosts(std::string_view host_id) const
{
    return directory_of(host_id) / known_hosts_file;
}

void KeyStore::remove(std::string_view host_id) const
{
    const auto directory = directory_of(host_id);
    std::error_code error;
    std::filesystem::remove_all(directory, error);
    if (error) {
        throw Failure(ExitCode::failure, "cannot remove " + directory.string() + ": " + error.message());
    }
}

void KeyStore::missed(std::string_view host_id, wire::Timestamp now) const
{
    const auto mark = directory_of(host_id) / missing_file;
    const auto since = wire::parse_timestamp(content_of(mark).value_or(""));
    const auto* time = std::get_if<wire::Timestamp>(&since);
    // A time to come is that of a clock that was wrong.
    if (time == nullptr || *time > now) {
        write_private_file(mark, wire::format_timestamp(now));
    } else if (now - *time > kept_for) {
        remove(host_id);
    }
}

void KeyStore::found(std::string_view host_id) const
{
    const auto mark = directory_of(host_id) / missing_file;
    std::error_code error;
    std::filesystem::remove(mark, error);
    if (error) {
        throw Failure(ExitCode::failure, "cannot remove " + mark.string() + ": " + error.message());
    }
}

std::vector<std::string> KeyStore::hosts_of(const std::string& service) const
{
    std::vector<std::string> ids;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(directory_, error), end; !error && entry != end;
         entry.increment(error)) {
        std::string id = entry->path().filename().string();
        if (is_safe_id(id) && content_of(entry->path() / service_file) == service) {
            ids.push_back(std::move(id));
        }
    }
    return ids;
}

} // namespace drukbox::cli
