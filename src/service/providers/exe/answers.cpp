#include "service/providers/exe/answers.hpp"

#include "service/providers/support/installation_mark.hpp"
#include "service/remote/answer.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>

namespace drukbox::service::exe {
namespace {

namespace json = boost::json;

constexpr std::string_view blanks = " \t\r\n";

/// One object, or several after one another, each of which adds to those before it.
json::value merged(std::string_view output)
{
    json::object result;
    bool found = false;
    while (true) {
        const auto begin = output.find_first_not_of(blanks);
        if (begin == std::string_view::npos) {
            break;
        }
        output.remove_prefix(begin);
        json::stream_parser parser;
        boost::system::error_code error;
        const auto used = parser.write_some(output.data(), output.size(), error);
        if (!error && !parser.done()) {
            parser.finish(error);
        }
        if (error) {
            throw MalformedAnswer(provider_name, "answered something that is not JSON");
        }
        auto value = parser.release();
        if (!value.is_object()) {
            throw MalformedAnswer(provider_name,
                                  "answered something unexpected: the answer is not an object");
        }
        for (auto& member : value.get_object()) {
            result.insert_or_assign(member.key(), std::move(member.value()));
        }
        output.remove_prefix(used);
        found = true;
    }
    if (!found) {
        throw MalformedAnswer(provider_name, "answered nothing where JSON was expected");
    }
    return result;
}

[[noreturn]] void unexpected(std::string_view problem)
{
    throw MalformedAnswer(provider_name, "answered something unexpected: " + std::string{problem});
}

/// Fit for a command line, a known_hosts line and ssh's destination.
bool is_plain(std::string_view text, std::string_view beside)
{
    const auto fits = [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               beside.find(c) != std::string_view::npos;
    };
    return !text.empty() && text.front() != '-' && std::ranges::all_of(text, fits);
}

/// A number, or one in quotes.
std::uint16_t read_port(const json::value& answer, const AnswerReader& reader)
{
    const auto& value = answer.get_object().at("ssh_port");
    std::int64_t port = 0;
    if (value.is_string()) {
        const auto text = reader.text();
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
        if (error != std::errc{} || end != text.data() + text.size()) {
            unexpected("ssh_port is not a port");
        }
    } else {
        port = reader.integer();
    }
    if (port < 1 || port > 65535) {
        unexpected("ssh_port is not a port");
    }
    return static_cast<std::uint16_t>(port);
}

/// The shape of a host's name: only this service makes such.
bool is_host_name(std::string_view name)
{
    constexpr std::string_view prefix = "sb-";
    return name.starts_with(prefix) && name.size() == prefix.size() + 12 &&
           name.find_first_not_of("0123456789abcdef", prefix.size()) == std::string_view::npos;
}

ListedVm listed_vm(std::string name, const std::vector<AnswerReader>& tags)
{
    ListedVm vm;
    vm.name = std::move(name);
    const auto prefix = installation_tag("");
    for (const auto& tag : tags) {
        if (const auto text = tag.text(); text.starts_with(prefix)) {
            vm.installation = text.substr(prefix.size());
        }
    }
    return vm;
}

bool contains(std::string_view text, std::string_view part)
{
    const auto same = [](char a, char b) {
        const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
        return lower(a) == lower(b);
    };
    return !std::ranges::search(text, part, same).empty();
}

} // namespace

NewVm parse_new(std::string_view output)
{
    const auto answer = merged(output);
    const AnswerReader reader{std::string{provider_name}, answer};
    NewVm vm;
    vm.name = reader.at("vm_name").text();
    vm.ssh_host = reader.at("ssh_dest").text();
    vm.ssh_port = read_port(answer, reader.at("ssh_port"));
    if (const auto at = vm.ssh_host.find('@'); at != std::string::npos) {
        vm.ssh_username = vm.ssh_host.substr(0, at);
        vm.ssh_host.erase(0, at + 1);
        if (!is_plain(vm.ssh_username, "_-.+")) {
            unexpected("ssh_dest has no user name before its @");
        }
    }
    if (!is_plain(vm.name, "-_.")) {
        unexpected("vm_name is not a name");
    }
    if (!is_plain(vm.ssh_host, "-.:")) {
        unexpected("ssh_dest is not a host");
    }
    return vm;
}

std::string installation_tag(std::string_view installation)
{
    return std::string{installation_label} + "-" + std::string{installation};
}

std::vector<ListedVm> parse_list(std::string_view output, std::string_view tag)
{
    const auto answer = merged(output);
    std::vector<ListedVm> vms;
    for (const auto& vm : AnswerReader{std::string{provider_name}, answer}.at("vms").items()) {
        auto name = vm.at("vm_name").text();
        const auto tags = vm.find("tags");
        if (!tags) {
            if (is_host_name(name)) {
                unexpected("it does not tell the tags of its VMs");
            }
            continue;
        }
        const auto all = tags->items();
        if (std::ranges::any_of(all, [&](const AnswerReader& one) { return one.text() == tag; })) {
            vms.push_back(listed_vm(std::move(name), all));
        }
    }
    return vms;
}

std::optional<ListedVm> find_vm(std::string_view output, std::string_view name)
{
    const auto answer = merged(output);
    for (const auto& vm : AnswerReader{std::string{provider_name}, answer}.at("vms").items()) {
        if (auto its_name = vm.at("vm_name").text(); its_name == name) {
            const auto tags = vm.find("tags");
            return listed_vm(std::move(its_name), tags ? tags->items() : std::vector<AnswerReader>{});
        }
    }
    return std::nullopt;
}

std::string parse_whoami(std::string_view output)
{
    const auto answer = merged(output);
    return AnswerReader{std::string{provider_name}, answer}.at("email").text();
}

std::string failure_text(std::string_view output)
{
    boost::system::error_code error;
    const auto answer = json::parse(output, error);
    if (!error && answer.is_object()) {
        for (const auto* key : {"error", "message"}) {
            const auto* text = answer.get_object().if_contains(key);
            if (text != nullptr && text->is_string()) {
                return std::string{text->get_string()};
            }
        }
    }
    return std::string{output};
}

bool is_proxy_not_found(std::string_view failure)
{
    return contains(failure, "not found") &&
           (contains(failure, "integration") || contains(failure, "http-proxy") ||
            contains(failure, "http_proxy"));
}

bool is_vm_not_found(std::string_view failure)
{
    return contains(failure, "not found") && !is_proxy_not_found(failure);
}

bool is_already_there(std::string_view failure)
{
    return contains(failure, "already exists");
}

} // namespace drukbox::service::exe
