// What a service may call a host, where it may be and whom one logs in as: nothing gets through that means
// something to a shell, to a file of ssh or to a resolver.
#include "fuzz/target.hpp"
#include "wire/host_name.hpp"
#include "wire/printable_text.hpp"

#include <algorithm>
#include <string>

#include <arpa/inet.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace drukbox;
    using fuzz::require;
    const std::string_view text = fuzz::text_of(data, size);
    const bool name = wire::is_host_name(text);
    const bool host = wire::is_ssh_host(text);
    const bool username = wire::is_ssh_username(text);
    if (name || host || username) {
        const std::string copy{text};
        require(!text.empty() && text.size() <= 253 && text.front() != '-', "a word that is no option");
        require(text.find_first_of(" \t\r\n;&|<>$`\\\"'(){}[]*?!#~=,/%^") == text.npos, "no word of a shell");
        require(copy.find('\0') == copy.npos && wire::printable(text) == text, "it can be shown");
    }
    if (name) {
        in_addr address{};
        require(host, "a name can be where a host is");
        require(std::ranges::none_of(text, [](char c) { return c >= 'A' && c <= 'Z'; }),
                "a name is lower case");
        require(::inet_aton(std::string{text}.c_str(), &address) == 0, "a name is no address");
    }
    return 0;
}
