#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// What a fuzz target defines, by libFuzzer's name. Returns 0, or -1 for an input that is not worth keeping.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace drukbox::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) noexcept
{
    return {reinterpret_cast<const char*>(data), size};
}

/// Ends the process, which is a finding, unless the condition holds.
inline void require(bool condition, const char* what) noexcept
{
    if (!condition) {
        std::fprintf(stderr, "violated: %s\n", what);
        std::abort();
    }
}

/// Has an answer read: its first byte tells which call it answers, the rest is the body. Whatever that holds,
/// it is read or refused by an Error that begins with the name of who answered.
template <class Error>
int read_answer(const std::uint8_t* data, std::size_t size, std::string_view origin,
                void (*read)(char call, std::string_view body))
{
    if (size == 0) {
        return -1;
    }
    const auto text = text_of(data, size);
    try {
        read(text.front(), text.substr(1));
    } catch (const Error& error) {
        require(std::string_view{error.what()}.starts_with(origin), "an error names its origin");
    }
    return 0;
}

} // namespace drukbox::fuzz
