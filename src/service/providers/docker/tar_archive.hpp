#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drukbox::service::docker {

/// Who a file belongs to inside a container.
class Owner
{
public:
    Owner() = default;

    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
};

/// A few small files as a tar archive, which is how the engine takes and gives files.
class TarArchive
{
public:
    TarArchive() = default;

    /// Paths are relative to where the archive is unpacked, and of at most 100 bytes.
    void add_directory(std::string_view path, unsigned mode, Owner owner);
    void add_file(std::string_view path, unsigned mode, Owner owner, std::string_view content);

    /// The finished archive.
    [[nodiscard]] std::string str() const;

private:
    void add_header(std::string_view path, unsigned mode, Owner owner, std::size_t size, char type);

    std::string data_;
};

/// The content of the first file of an archive; nothing when there is none, or the archive is cut off.
[[nodiscard]] std::optional<std::string_view> first_file(std::string_view archive);

} // namespace drukbox::service::docker
