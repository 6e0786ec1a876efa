#pragma once

#include "service/providers/provider.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace drukbox::service::sim {

/// The machines of a simulated cloud: a file each in a directory, so that they outlive the service, and
/// several services can share them. Every function blocks for as long as a file takes, and throws
/// ProviderError when the directory cannot be used.
class SimCloud
{
public:
    SimCloud(const std::filesystem::path& directory, std::string label, std::string installation);

    /// Throws ProviderError when there is a machine of this name.
    void add(const VmSpec& spec, std::chrono::microseconds invisible_for) const;

    /// Ends a machine that can be seen and is ours; nothing happens otherwise, as with a cloud that does not
    /// know it (yet).
    void remove(const std::string& name) const;

    /// Throws VmNotFound when there is no machine of this name.
    void replace_key(const std::string& name, const std::string& authorized_key) const;

    /// Ours, as far as they can be seen.
    [[nodiscard]] std::vector<VmSummary> list() const;

    /// Whether there is a machine of this name, ours, that can be seen.
    [[nodiscard]] bool has(const std::string& name) const { return look(file_of(name)).has_value(); }

private:
    [[nodiscard]] std::filesystem::path file_of(const std::string& name) const;

    /// The machine in this file, unless it cannot be seen (yet) or is not ours.
    [[nodiscard]] std::optional<VmSummary> look(const std::filesystem::path& file) const;

    void write_key(const std::string& name, const std::string& authorized_key) const;

    std::filesystem::path machines_;
    std::filesystem::path keys_; ///< The key that logs in to a machine, in a file of the machine's name.
    std::string label_;
    std::string installation_;
};

} // namespace drukbox::service::sim
