#include "testing/host_answer.hpp"

#include <string>
#include <utility>

namespace drukbox::inline v0::testing::detail {
namespace {

constexpr const char* account = "admin";

} // namespace

Answer host_answer(unsigned status, wire::HostView view, const SandboxHost& host)
{
    std::string body;
    wire::append(body, view, host, account);
    return Answer::json(status, std::move(body));
}

Answer hosts_answer(wire::HostView view, const std::vector<SandboxHost>& hosts)
{
    std::string body = "[";
    for (const SandboxHost& host : hosts) {
        body += body.size() > 1 ? "," : "";
        wire::append(body, view, host, account);
    }
    return Answer::json(200, body += ']');
}

Answer findings_answer(const wire::Findings& findings, std::string_view error_code)
{
    return Answer::json(422, findings.body(error_code));
}

} // namespace drukbox::inline v0::testing::detail
