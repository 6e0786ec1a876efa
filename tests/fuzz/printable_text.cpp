// Text that may be anything, for a line of a terminal and as a JSON string.
#include "wire/printable_text.hpp"

#include "fuzz/target.hpp"
#include "wire/json_text.hpp"
#include "wire/utf8.hpp"

#include <boost/json.hpp>

#include <string>

namespace drukbox::fuzz {
namespace {

void require_harmless(std::string_view text)
{
    while (!text.empty()) {
        const wire::Utf8Character next = wire::first_character(text);
        require(next.length != 0, "what is shown is UTF-8");
        require(!wire::is_unprintable(next.code_point), "what is shown is printable");
        text.remove_prefix(next.length);
    }
}

} // namespace
} // namespace drukbox::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace drukbox;
    using fuzz::require;
    const std::string_view text = fuzz::text_of(data, size);
    const std::string shown = wire::printable(text);
    fuzz::require_harmless(shown);
    require(wire::printable(shown) == shown, "what is shown stays when it is shown again");

    std::string json;
    wire::append_json_string(json, text);
    fuzz::require_harmless(json);
    const boost::json::value parsed = boost::json::parse(json);
    require(!wire::is_utf8(text) || parsed.as_string() == text, "a JSON string means what it was made of");
    return 0;
}
