// An answer of a service that may send anything: the status in three digits, one more byte, and the body.
#include "fuzz/target.hpp"
#include "sdk/host_check.hpp"
#include "sdk/operation.hpp"
#include "wire/host_list.hpp"
#include "wire/host_name.hpp"
#include "wire/host_record.hpp"
#include "wire/printable_text.hpp"

#include <drukbox/doctor_report.hpp>
#include <drukbox/http_proxy.hpp>
#include <drukbox/http_proxy_attachment.hpp>
#include <drukbox/litterbox/sandbox_host.hpp>
#include <drukbox/sandbox_error.hpp>
#include <drukbox/sandbox_host.hpp>

#include <boost/json.hpp>

#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace drukbox::fuzz {
namespace {

detail::Outcome outcome_of(unsigned status, std::string_view body)
{
    auto operation = std::make_shared<detail::Operation::State>();
    operation->name = "fuzz";
    auto state = std::make_unique<detail::Outcome::State>();
    state->operation = std::move(operation);
    state->response = http::Response{status, "application/json", std::string{body}};
    return detail::Outcome{std::move(state)};
}

void check(const SandboxError& error, unsigned status)
{
    require(error.status() == static_cast<int>(status), "an error has the status of its answer");
    require(!error.detail().empty(), "an error says what is wrong");
}

// Whatever the answer, there is a record or one of the SDK's errors.
template <class Record>
std::optional<Record> record_in(unsigned status, std::string_view body)
{
    try {
        return detail::decode<Record>(outcome_of(status, body));
    } catch (const SandboxError& error) {
        check(error, status);
        return std::nullopt;
    }
}

bool succeeds(unsigned status, std::string_view body)
{
    try {
        detail::decode<void>(outcome_of(status, body));
        return true;
    } catch (const SandboxError& error) {
        check(error, status);
        return false;
    }
}

// What goes on to ssh and to shells is what it should be.
void check_harmless(const SandboxHost& host)
{
    require(wire::is_host_name(host.name), "a host has a name");
    require(wire::printable(host.id) == host.id && host.id.find_first_of(" /") == host.id.npos,
            "a host has an id");
    require(host.external_ssh_host.empty() ||
                (wire::is_ssh_host(host.external_ssh_host) && host.external_ssh_port != 0),
            "a host has an address");
    require(host.ssh_username.empty() || wire::is_ssh_username(host.ssh_username), "a host has a user");
    for (const char c : host.known_hosts + host.private_key.value_or("")) {
        require((c >= ' ' && c < 0x7f) || c == '\t' || c == '\r' || c == '\n', "keys are lines of text");
    }
}

// What was read means the same when it is written and read again.
void check(const SandboxHost& host)
{
    check_harmless(host);
    const std::string text = wire::serialize(host);
    const std::optional<SandboxHost> again = record_in<SandboxHost>(200, text);
    require(again.has_value(), "a host that was written can be read");
    require(wire::serialize(*again) == text, "a host that is read again is the same");
}

// The list is read without a tree of the whole: the outcome is that of reading such a tree.
void check(const std::optional<std::vector<SandboxHost>>& hosts, std::string_view body)
{
    boost::system::error_code error;
    const boost::json::value tree = boost::json::parse(body, error);
    std::optional<std::vector<SandboxHost>> expected;
    if (!error) {
        try {
            expected = wire::parse_hosts(tree);
            for (SandboxHost& host : *expected) {
                sdk::check(host);
            }
        } catch (const wire::ShapeError&) {
            expected.reset();
        }
    }
    require(hosts.has_value() == expected.has_value(), "a list is read by the same rules as a tree");
    require(!hosts || wire::serialize(*hosts) == wire::serialize(*expected), "a list is read as a tree is");
}

bool is_success(unsigned status) noexcept
{
    return status >= 200 && status < 300;
}

} // namespace
} // namespace drukbox::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace drukbox;
    using namespace drukbox::fuzz;
    constexpr std::size_t digits = 3;
    const std::string_view input = text_of(data, size);
    unsigned status = 0;
    if (input.size() <= digits ||
        std::from_chars(input.data(), input.data() + digits, status).ptr != input.data() + digits ||
        status < 100) {
        return -1;
    }
    const std::string_view body = input.substr(digits + 1);

    const bool succeeded = succeeds(status, body);
    require(is_success(status) || !succeeded, "only 2xx is a success");
    const auto host = record_in<SandboxHost>(status, body);
    const auto hosts = record_in<std::vector<SandboxHost>>(status, body);
    const auto report = record_in<DoctorReport>(status, body);
    const auto proxy = record_in<HTTPProxy>(status, body);
    const auto attachment = record_in<HTTPProxyAttachment>(status, body);
    const auto litterbox_host = record_in<litterbox::SandboxHost>(status, body);
    const auto litterbox_hosts = record_in<std::vector<litterbox::SandboxHost>>(status, body);
    const bool any_record =
        host || hosts || report || proxy || attachment || litterbox_host || litterbox_hosts;
    require(succeeded || !any_record, "a record is a success");
    require(status != 204 || (succeeded && !any_record), "204 is a success without a record");
    if (host) {
        check(*host);
    }
    if (is_success(status) && status != 204) {
        check(hosts, body);
    }
    return 0;
}
