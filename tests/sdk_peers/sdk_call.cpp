// Performs operations of the SDK for tests in another language:
//
//     sdk_call '{"base_url": …, "token": …, "ca_file": …}'
//
// Each line of standard input is a call, `{"operation": "get_host", "host_id": …}`, or an array of calls to
// be made at once. Each line of standard output is what came of it: `{"result": …}` or `{"error": …}`, or an
// array of those.
#include "wire/host_record.hpp"
#include "wire/timestamp.hpp"

#include <drukbox/drukbox.hpp>

#include <boost/json.hpp>

#include <chrono>
#include <functional>
#include <future>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace json = boost::json;
using namespace drukbox;

std::string text_at(const json::object& object, std::string_view key)
{
    const json::value* value = object.if_contains(key);
    return value == nullptr ? std::string{} : std::string{value->as_string()};
}

SandboxConfig config_from(const json::object& json)
{
    SandboxConfig config{text_at(json, "base_url"), text_at(json, "token")};
    config.ca_file = text_at(json, "ca_file");
    config.client_certificate = text_at(json, "client_certificate");
    config.client_key = text_at(json, "client_key");
    config.proxy = text_at(json, "proxy");
    config.timeout = std::chrono::seconds{60};
    return config;
}

Lease lease_from(const json::object& call)
{
    if (call.contains("permanent")) {
        return Lease::permanent();
    }
    const json::value* text = call.if_contains("expires_at");
    return text == nullptr
               ? Lease::service_default()
               : Lease::until(std::get<wire::Timestamp>(wire::parse_timestamp(text->as_string())));
}

CreateHostRequest create_host_request_from(const json::object& call)
{
    CreateHostRequest request;
    request.expires(lease_from(call));
    if (const json::value* env = call.if_contains("env")) {
        for (const auto& [name, value] : env->as_object()) {
            request.env(name, std::string{value.as_string()});
        }
    }
    const auto set = [&](std::string_view key,
                         CreateHostRequest& (CreateHostRequest::*setter)(std::string)&) {
        if (call.contains(key)) {
            (request.*setter)(text_at(call, key));
        }
    };
    set("image", &CreateHostRequest::image);
    set("idempotency_key", &CreateHostRequest::idempotency_key);
    set("provider", &CreateHostRequest::provider);
    set("instance_type", &CreateHostRequest::instance_type);
    if (const json::value* size = call.if_contains("disk_gb")) {
        request.disk_gb(size->as_int64());
    }
    return request;
}

CreateHTTPProxyRequest create_http_proxy_request_from(const json::object& call)
{
    CreateHTTPProxyRequest request{text_at(call, "name"), text_at(call, "target")};
    for (const auto& [name, value] : call.at("headers").as_object()) {
        request.header(name, std::string{value.as_string()});
    }
    return request;
}

json::value to_json(const SandboxHost& host)
{
    return json::parse(wire::serialize(host));
}

json::value to_json(const std::vector<SandboxHost>& hosts)
{
    return json::parse(wire::serialize(hosts));
}

json::value to_json(const DoctorReport& report)
{
    json::array checks;
    for (const DoctorCheck& check : report.checks) {
        checks.push_back(
            json::object{{"name", check.name}, {"status", check.status}, {"detail", check.detail}});
    }
    return json::object{{"ok", report.ok}, {"active_provider", report.active_provider}, {"checks", checks}};
}

json::value to_json(const HTTPProxy& proxy)
{
    return json::object{{"name", proxy.name}, {"status", proxy.status}};
}

json::value to_json(const HTTPProxyAttachment& attachment)
{
    return json::object{
        {"name", attachment.name}, {"host_id", attachment.host_id}, {"status", attachment.status}};
}

json::value result_of(const SandboxClient& client, const json::object& call)
{
    using Operation = std::function<json::value()>;
    const auto id = [&] { return text_at(call, "host_id"); };
    const auto name = [&] { return text_at(call, "name"); };
    const auto done = [] { return json::value{}; };
    const std::map<std::string, Operation, std::less<>> operations{
        {"create_host", [&] { return to_json(client.create_host(create_host_request_from(call))); }},
        {"get_host", [&] { return to_json(client.get_host(id())); }},
        {"attach", [&] { return to_json(client.attach(id())); }},
        {"list_hosts", [&] { return to_json(client.list_hosts()); }},
        {"renew_host", [&] { return to_json(client.renew_host(id(), lease_from(call))); }},
        {"delete_host",
         [&] {
             client.delete_host(id());
             return done();
         }},
        {"doctor", [&] { return to_json(client.doctor()); }},
        {"create_http_proxy",
         [&] { return to_json(client.create_http_proxy(create_http_proxy_request_from(call))); }},
        {"delete_http_proxy",
         [&] {
             client.delete_http_proxy(name());
             return done();
         }},
        {"attach_http_proxy", [&] { return to_json(client.attach_http_proxy(name(), id())); }},
        {"detach_http_proxy",
         [&] {
             client.detach_http_proxy(name(), id());
             return done();
         }},
    };
    return operations.at(text_at(call, "operation"))();
}

const char* class_of(const SandboxError& error)
{
    const auto is = [&]<class Error>(std::type_identity<Error>) {
        return dynamic_cast<const Error*>(&error) != nullptr;
    };
    if (is(std::type_identity<SandboxUsageError>{})) {
        return "SandboxUsageError";
    }
    if (is(std::type_identity<SandboxUnavailableError>{})) {
        return "SandboxUnavailableError";
    }
    if (is(std::type_identity<SandboxAuthError>{})) {
        return "SandboxAuthError";
    }
    if (is(std::type_identity<SandboxNotFoundError>{})) {
        return "SandboxNotFoundError";
    }
    if (is(std::type_identity<SandboxConflictError>{})) {
        return "SandboxConflictError";
    }
    if (is(std::type_identity<SandboxValidationError>{})) {
        return "SandboxValidationError";
    }
    if (is(std::type_identity<SandboxProvisioningError>{})) {
        return "SandboxProvisioningError";
    }
    return is(std::type_identity<SandboxResponseError>{}) ? "SandboxResponseError" : "SandboxError";
}

json::value outcome_of(const SandboxClient& client, const json::object& call)
{
    try {
        return json::object{{"result", result_of(client, call)}};
    } catch (const SandboxError& error) {
        return json::object{{"error", class_of(error)},       {"status", error.status()},
                            {"detail", error.detail()},       {"error_code", error.error_code()},
                            {"operation", error.operation()}, {"retryable", error.retryable()}};
    }
}

json::value outcome_of(const SandboxClient& client, const json::value& line)
{
    if (line.is_object()) {
        return outcome_of(client, line.get_object());
    }
    std::vector<std::future<json::value>> pending;
    for (const json::value& call : line.as_array()) {
        pending.push_back(
            std::async(std::launch::async, [&] { return outcome_of(client, call.as_object()); }));
    }
    json::array outcomes;
    for (auto& outcome : pending) {
        outcomes.push_back(outcome.get());
    }
    return outcomes;
}

} // namespace

int main(int argc, char** argv)
{
    try {
        if (argc != 2) {
            throw std::invalid_argument("usage: sdk_call CONFIG");
        }
        const SandboxClient client{config_from(json::parse(argv[1]).as_object())};
        for (std::string line; std::getline(std::cin, line);) {
            std::cout << outcome_of(client, json::parse(line)) << std::endl;
        }
    } catch (const std::exception& error) {
        std::cerr << "sdk_call: " << error.what() << '\n';
        return 2;
    }
}
