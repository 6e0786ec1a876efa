#include "service/front/request_id.hpp"

#include <sodium.h>

#include <algorithm>
#include <charconv>

namespace drukbox::service::front {
namespace {

constexpr std::size_t longest = 128;

bool is_name(std::string_view text)
{
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
               c == '-' || c == ':' || c == '.';
    });
}

} // namespace

RequestIds::RequestIds()
{
    std::array<unsigned char, 8> random{};
    randombytes_buf(random.data(), random.size());
    std::array<char, 17> text{};
    sodium_bin2hex(text.data(), text.size(), random.data(), random.size());
    std::copy_n(text.begin(), process_.size(), process_.begin());
}

std::string RequestIds::name(std::optional<std::string_view> given)
{
    if (given && is_name(*given)) {
        return std::string{*given};
    }
    std::array<char, 16> number{};
    const auto end = std::to_chars(number.data(), number.data() + number.size(), ++next_, 16).ptr;
    std::string result{process_.data(), process_.size()};
    result += '-';
    result.append(number.data(), end);
    return result;
}

} // namespace drukbox::service::front
