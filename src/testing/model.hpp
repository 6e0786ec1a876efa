#pragma once

#include "testing/host_book.hpp"
#include "testing/route.hpp"
#include "wire/requests/create_host.hpp"

#include <drukbox/doctor_report.hpp>
#include <drukbox/testing/answer.hpp>
#include <drukbox/testing/fake_service_options.hpp>
#include <drukbox/testing/http_proxy_state.hpp>
#include <drukbox/testing/recorded_request.hpp>

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace drukbox::inline v0::testing::detail {

/// The service as its callers see it: does what a request asks for, and answers. Thread safe.
class Model
{
public:
    explicit Model(FakeServiceOptions options);

    /// A composed answer; not a genuine() one.
    [[nodiscard]] Answer answer(const RecordedRequest& request);

    /// Runs `action` on the hosts, which nothing else touches meanwhile.
    template <class Action>
    auto with_hosts(const Action& action)
    {
        const std::lock_guard lock{mutex_};
        return action(hosts_);
    }

    [[nodiscard]] std::vector<HTTPProxyState> http_proxies() const;
    void set_doctor_report(DoctorReport report);
    void set_token(std::string token);
    void fail_next_create(std::string last_error);
    void fail_next_delete();

private:
    [[nodiscard]] Answer dispatch(const Route& route, const RecordedRequest& request);
    [[nodiscard]] Answer create_host(wire::HostView view, const RecordedRequest& request);
    [[nodiscard]] Answer make_host(wire::HostView view, const wire::CreateHost& command);
    [[nodiscard]] Answer list_hosts(const Route& route, const RecordedRequest& request);
    [[nodiscard]] Answer get_host(const Route& route);
    [[nodiscard]] Answer renew_host(const Route& route, const RecordedRequest& request);
    [[nodiscard]] Answer delete_host(const Route& route, const RecordedRequest& request);
    [[nodiscard]] Answer create_http_proxy(const RecordedRequest& request);
    [[nodiscard]] Answer delete_http_proxy(const Route& route);
    [[nodiscard]] Answer link_http_proxy(const Route& route, bool attach);
    [[nodiscard]] Answer http_proxies_unsupported(const std::string& provider) const;

    const FakeServiceOptions options_;
    mutable std::mutex mutex_;
    std::string token_;
    HostBook hosts_;
    std::map<std::string, HTTPProxyState, std::less<>> proxies_;
    DoctorReport doctor_;
    std::deque<std::string> create_failures_;
    std::size_t delete_failures_ = 0;
};

} // namespace drukbox::inline v0::testing::detail
