#pragma once

#include "service/api/view.hpp"
#include "service/hosts/lifecycle.hpp"
#include "service/records/host_page.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace drukbox::service::api {

/// A JSON array of all hosts that a page does not filter out, read and written batch by batch, so that it
/// takes the same memory however many there are.
class HostListing
{
public:
    HostListing(Lifecycle& hosts, View view, HostPage from);

    /// The next piece of the array; empty after its end. Throws StoreError.
    boost::asio::awaitable<std::string> next();

    [[nodiscard]] bool ended() const noexcept { return ended_; }

private:
    Lifecycle& hosts_;
    View view_;
    HostPage page_;
    bool begun_ = false;
    bool ended_ = false;
};

/// Appends the records of `hosts`, separated by commas.
void append_records(std::string& out, View view, const std::vector<Host>& hosts);

} // namespace drukbox::service::api
