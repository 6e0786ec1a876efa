#include "service/providers/sim/sim_cloud.hpp"

#include "posix/file.hpp"
#include "service/providers/support/installation_mark.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace drukbox::service::sim {
namespace {

std::int64_t now_micros()
{
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

[[noreturn]] void fail(const std::string& what)
{
    throw ProviderError("the simulated cloud " + what);
}

} // namespace

SimCloud::SimCloud(const std::filesystem::path& directory, std::string label, std::string installation)
    : machines_(directory / "machines")
    , keys_(directory / "keys")
    , label_(std::move(label))
    , installation_(std::move(installation))
{
}

std::filesystem::path SimCloud::file_of(const std::string& name) const
{
    if (name.empty() || name.starts_with('.') || name.find('/') != std::string::npos) {
        fail("takes no machine named '" + name + "'");
    }
    return machines_ / name;
}

void SimCloud::add(const VmSpec& spec, std::chrono::microseconds invisible_for) const
{
    const auto file = file_of(spec.name);
    boost::json::object machine;
    machine["label"] = label_;
    if (!installation_.empty()) {
        machine["installation"] = installation_;
    }
    machine["image"] = spec.image;
    if (spec.instance_type) {
        machine["instance_type"] = *spec.instance_type;
    }
    if (spec.disk_gb) {
        machine["disk_gb"] = *spec.disk_gb;
    }
    machine["visible_at"] = now_micros() + invisible_for.count();
    try {
        std::filesystem::create_directories(machines_);
        if (!spec.authorized_key.empty()) {
            write_key(spec.name, spec.authorized_key);
        }
        // In full before it has its name: a process that ends here leaves a machine or none.
        auto draft = file;
        draft.replace_filename("." + spec.name);
        const auto fd = posix::open_at(AT_FDCWD, draft, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        posix::write_all(fd.get(), boost::json::serialize(machine), draft);
        const bool linked = ::link(draft.c_str(), file.c_str()) == 0;
        const int error = errno;
        ::unlink(draft.c_str());
        if (!linked && error == EEXIST) {
            fail("has a machine named '" + spec.name + "' already");
        }
        if (!linked) {
            fail(std::string{"cannot be written: "} + std::generic_category().message(error));
        }
    } catch (const std::system_error& error) {
        fail(std::string{"cannot be written: "} + error.what());
    }
}

void SimCloud::remove(const std::string& name) const
{
    const auto file = file_of(name);
    if (!look(file)) {
        return;
    }
    if (::unlink(file.c_str()) != 0 && errno != ENOENT) {
        fail(std::string{"cannot be written: "} + std::generic_category().message(errno));
    }
    std::error_code ignored;
    std::filesystem::remove(keys_ / name, ignored);
}

void SimCloud::replace_key(const std::string& name, const std::string& authorized_key) const
{
    try {
        if (!std::filesystem::exists(file_of(name))) {
            throw VmNotFound(name);
        }
        write_key(name, authorized_key);
    } catch (const std::system_error& error) {
        fail(std::string{"cannot be written: "} + error.what());
    }
}

void SimCloud::write_key(const std::string& name, const std::string& authorized_key) const
{
    std::filesystem::create_directories(keys_);
    const auto draft = keys_ / ("." + name);
    const auto fd = posix::open_at(AT_FDCWD, draft, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix::write_all(fd.get(), authorized_key + "\n", draft);
    std::filesystem::rename(draft, keys_ / name);
}

std::vector<VmSummary> SimCloud::list() const
{
    std::vector<VmSummary> result;
    try {
        if (!std::filesystem::exists(machines_)) {
            return result;
        }
        for (const auto& entry : std::filesystem::directory_iterator(machines_)) {
            if (entry.path().filename().string().starts_with('.')) {
                continue;
            }
            if (auto machine = look(entry.path())) {
                result.push_back(std::move(*machine));
            }
        }
    } catch (const std::system_error& error) {
        fail(std::string{"cannot be read: "} + error.what());
    }
    return result;
}

std::optional<VmSummary> SimCloud::look(const std::filesystem::path& file) const
{
    std::ifstream in{file};
    if (!in) {
        return std::nullopt;
    }
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    boost::system::error_code error;
    const auto machine = boost::json::parse(text, error);
    const auto* fields = error ? nullptr : machine.if_object();
    const auto* label = fields != nullptr ? fields->if_contains("label") : nullptr;
    const auto* visible_at = fields != nullptr ? fields->if_contains("visible_at") : nullptr;
    const auto* installation = fields != nullptr ? fields->if_contains("installation") : nullptr;
    if (label == nullptr || !label->is_string() || visible_at == nullptr || !visible_at->is_int64() ||
        (installation != nullptr && !installation->is_string())) {
        fail("has a damaged file " + file.string());
    }
    const std::string mark_text{installation != nullptr ? installation->get_string() : ""};
    const InstallationMark mark{mark_text, installation_};
    if (label->get_string() != label_ || !mark.may_be_ours || visible_at->get_int64() > now_micros()) {
        return std::nullopt;
    }
    return VmSummary{file.filename().string(), true, mark.is_ours};
}

} // namespace drukbox::service::sim
