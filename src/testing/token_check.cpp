#include "testing/token_check.hpp"

#include <boost/beast/core/string.hpp>

namespace drukbox::inline v0::testing::detail {
namespace {

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t";
    const auto first = text.find_first_not_of(blanks);
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

} // namespace

std::optional<Answer> refusal(const RecordedRequest& request, std::string_view token)
{
    if (token.empty()) {
        return std::nullopt;
    }
    const std::string credentials = request.header("Authorization");
    const std::string_view given = trimmed(credentials);
    const std::string_view scheme = given.substr(0, given.find(' '));
    const std::string_view presented = trimmed(given.substr(scheme.size()));
    if (!boost::beast::iequals(scheme, "bearer") || presented.empty()) {
        return Answer::error(401, "service token required").header("WWW-Authenticate", "Bearer");
    }
    return presented == token ? std::nullopt : std::optional{Answer::error(403, "service token rejected")};
}

} // namespace drukbox::inline v0::testing::detail
