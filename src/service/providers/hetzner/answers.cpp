#include "service/providers/hetzner/answers.hpp"

#include "service/providers/hetzner/names.hpp"
#include "service/providers/support/installation_mark.hpp"
#include "service/remote/answer.hpp"

#include <boost/asio/ip/address_v4.hpp>

namespace drukbox::service::hetzner {
namespace {

std::string label(const AnswerReader& item, std::string_view name)
{
    const auto labels = item.find("labels");
    const auto value = labels ? labels->find(name) : std::nullopt;
    return value ? value->text() : std::string{};
}

/// While a server boots, each part of the way to its address may be absent or null.
std::string ipv4_of(const AnswerReader& server)
{
    const auto net = server.find("public_net");
    const auto ipv4 = net ? net->find("ipv4") : std::nullopt;
    const auto ip = ipv4 ? ipv4->find("ip") : std::nullopt;
    if (!ip) {
        return {};
    }
    auto text = ip->text();
    boost::system::error_code error;
    boost::asio::ip::make_address_v4(text, error);
    if (error) {
        throw MalformedAnswer(provider_name,
                              "answered something unexpected: public_net.ipv4.ip is not an IPv4 address");
    }
    return text;
}

std::int64_t id_of(const AnswerReader& item)
{
    return item.at("id").integer();
}

Server read_server(const AnswerReader& item)
{
    Server server;
    server.id = id_of(item);
    server.name = item.at("name").text();
    server.status = item.at("status").text();
    server.ipv4 = ipv4_of(item);
    server.owner = label(item, owner_label);
    server.installation = label(item, installation_label);
    server.host = label(item, name_label);
    if (server.host.empty()) {
        server.host = server.name;
    }
    return server;
}

SshKey read_ssh_key(const AnswerReader& item)
{
    SshKey key;
    key.id = id_of(item);
    key.name = item.at("name").text();
    key.owner = label(item, owner_label);
    key.installation = label(item, installation_label);
    return key;
}

} // namespace

Server parse_server(std::string_view body)
{
    const auto json = parse_answer(provider_name, body);
    return read_server(AnswerReader{std::string{provider_name}, json}.at("server"));
}

ServerPage parse_servers(std::string_view body)
{
    const auto json = parse_answer(provider_name, body);
    const AnswerReader answer{std::string{provider_name}, json};
    ServerPage page;
    for (const auto& item : answer.at("servers").items()) {
        page.servers.push_back(read_server(item));
    }
    const auto meta = answer.find("meta");
    const auto pagination = meta ? meta->find("pagination") : std::nullopt;
    if (const auto next = pagination ? pagination->find("next_page") : std::nullopt) {
        page.next_page = next->integer();
    }
    return page;
}

std::int64_t parse_total(std::string_view body)
{
    const auto json = parse_answer(provider_name, body);
    const AnswerReader answer{std::string{provider_name}, json};
    return answer.at("meta").at("pagination").at("total_entries").integer();
}

SshKey parse_ssh_key(std::string_view body)
{
    const auto json = parse_answer(provider_name, body);
    return read_ssh_key(AnswerReader{std::string{provider_name}, json}.at("ssh_key"));
}

std::vector<SshKey> parse_ssh_keys(std::string_view body)
{
    const auto json = parse_answer(provider_name, body);
    std::vector<SshKey> keys;
    for (const auto& item : AnswerReader{std::string{provider_name}, json}.at("ssh_keys").items()) {
        keys.push_back(read_ssh_key(item));
    }
    return keys;
}

} // namespace drukbox::service::hetzner
