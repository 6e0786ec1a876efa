#include <drukbox/testing/recorded_request.hpp>

#include <boost/beast/core/string.hpp>

#include <algorithm>

namespace drukbox::inline v0::testing {
namespace {

auto find(const std::vector<RecordedRequest::Header>& headers, std::string_view name)
{
    return std::ranges::find_if(headers, [name](const RecordedRequest::Header& header) {
        return boost::beast::iequals(header.first, name);
    });
}

} // namespace

std::string RecordedRequest::header(std::string_view name) const
{
    const auto found = find(headers, name);
    return found == headers.end() ? std::string{} : found->second;
}

bool RecordedRequest::has_header(std::string_view name) const
{
    return find(headers, name) != headers.end();
}

} // namespace drukbox::inline v0::testing
