#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace drukbox::inline v0 {

/// What a new HTTP proxy is to be. The setter returns the request, so that it chains, on a temporary as well
/// as on a named one:
///
///     auto request = drukbox::CreateHTTPProxyRequest{"github", "https://api.github.com"}
///         .header("Authorization", "Bearer " + secret);
///
/// The values of the headers are secrets: the library shows them to nobody but the service.
///
/// Thread safety: a value; distinct objects may be used from distinct threads.
class CreateHTTPProxyRequest
{
public:
    /// A header's name and its value.
    using Header = std::pair<std::string, std::string>;

    /// Preconditions, which the service checks: the name is of letters, digits, dots, dashes and
    /// underscores, begins with a letter or a digit, and is free; the target is an http or https URL of at
    /// most 2083 characters, without credentials, path, query or fragment.
    CreateHTTPProxyRequest(std::string name, std::string target)
        : name_(std::move(name))
        , target_(std::move(target))
    {
    }

    /// Sets a header that the proxy adds to what it passes on, in addition to those set before; a second
    /// value for a name replaces the first. A proxy has at least one.
    CreateHTTPProxyRequest& header(std::string name, std::string value) &
    {
        const auto existing = std::ranges::find(headers_, name, &Header::first);
        if (existing != headers_.end()) {
            existing->second = std::move(value);
        } else {
            headers_.emplace_back(std::move(name), std::move(value));
        }
        return *this;
    }

    /// The same, on a temporary.
    CreateHTTPProxyRequest&& header(std::string name, std::string value) &&
    {
        return std::move(this->header(std::move(name), std::move(value)));
    }

    /// What the proxy is to be called.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// Where it passes requests on to.
    [[nodiscard]] const std::string& target() const noexcept { return target_; }

    /// What it adds to them, in the order in which it was set.
    [[nodiscard]] const std::vector<Header>& headers() const noexcept { return headers_; }

private:
    std::string name_;
    std::string target_;
    std::vector<Header> headers_;
};

} // namespace drukbox::inline v0
