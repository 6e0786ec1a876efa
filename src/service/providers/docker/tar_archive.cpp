#include "service/providers/docker/tar_archive.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <stdexcept>

namespace drukbox::service::docker {
namespace {

constexpr std::size_t block = 512;

// The fields of a ustar header: offset and length.
struct Field
{
    std::size_t at;
    std::size_t size;
};

constexpr Field path_field{0, 100};
constexpr Field mode_field{100, 8};
constexpr Field uid_field{108, 8};
constexpr Field gid_field{116, 8};
constexpr Field size_field{124, 12};
constexpr Field time_field{136, 12};
constexpr Field checksum_field{148, 8};
constexpr Field type_field{156, 1};
constexpr Field magic_field{257, 8};

using Header = std::array<char, block>;

void put(Header& header, Field field, std::string_view text)
{
    if (text.size() > field.size) {
        throw std::length_error("too long for a tar header");
    }
    text.copy(header.data() + field.at, text.size());
}

void put_octal(Header& header, Field field, std::uint64_t number)
{
    std::array<char, 32> digits{};
    const int length = std::snprintf(digits.data(), digits.size(), "%0*llo", static_cast<int>(field.size - 1),
                                     static_cast<unsigned long long>(number));
    put(header, field, {digits.data(), static_cast<std::size_t>(length)});
}

std::size_t padding(std::size_t size)
{
    return (block - size % block) % block;
}

} // namespace

void TarArchive::add_directory(std::string_view path, unsigned mode, Owner owner)
{
    add_header(path, mode, owner, 0, '5');
}

void TarArchive::add_file(std::string_view path, unsigned mode, Owner owner, std::string_view content)
{
    add_header(path, mode, owner, content.size(), '0');
    data_ += content;
    data_.append(padding(content.size()), '\0');
}

std::string TarArchive::str() const
{
    return data_ + std::string(2 * block, '\0');
}

void TarArchive::add_header(std::string_view path, unsigned mode, Owner owner, std::size_t size, char type)
{
    Header header{};
    put(header, path_field, path);
    put_octal(header, mode_field, mode);
    put_octal(header, uid_field, owner.uid);
    put_octal(header, gid_field, owner.gid);
    put_octal(header, size_field, size);
    put_octal(header, time_field, 0);
    put(header, type_field, {&type, 1});
    put(header, magic_field, std::string_view{"ustar\00000", 8});
    // Summed up with blanks in the place of the sum.
    put(header, checksum_field, "        ");
    std::uint64_t sum = 0;
    for (const char c : header) {
        sum += static_cast<unsigned char>(c);
    }
    std::array<char, 9> text{};
    std::snprintf(text.data(), text.size(), "%06llo", static_cast<unsigned long long>(sum));
    put(header, checksum_field, std::string_view{text.data(), 7});
    data_.append(header.data(), header.size());
}

std::optional<std::string_view> first_file(std::string_view archive)
{
    while (archive.size() >= block) {
        const std::string_view digits = archive.substr(size_field.at, size_field.size - 1);
        std::size_t size = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 8);
        if (error != std::errc{} || size > archive.size() - block) {
            return std::nullopt;
        }
        const char type = archive[type_field.at];
        if (type == '0' || type == '\0') {
            return archive.substr(block, size);
        }
        const auto whole = block + size + padding(size);
        if (whole > archive.size()) {
            return std::nullopt;
        }
        archive.remove_prefix(whole);
    }
    return std::nullopt;
}

} // namespace drukbox::service::docker
