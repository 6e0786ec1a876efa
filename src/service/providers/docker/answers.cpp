#include "service/providers/docker/answers.hpp"

#include "service/providers/docker/container_spec.hpp"
#include "service/providers/support/installation_mark.hpp"
#include "service/remote/answer.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>

namespace drukbox::service::docker {
namespace {

constexpr std::string_view engine = "docker";

std::uint16_t parse_port(std::string_view text)
{
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port == 0) {
        throw MalformedAnswer(engine, "answered a port that is none");
    }
    return port;
}

std::uint16_t published_port(const AnswerReader& container)
{
    const auto network = container.find("NetworkSettings");
    const auto ports = network ? network->find("Ports") : std::nullopt;
    const auto bindings = ports ? ports->find("22/tcp") : std::nullopt;
    if (!bindings) {
        return 0;
    }
    for (const auto& binding : bindings->items()) {
        return parse_port(binding.at("HostPort").text());
    }
    return 0;
}

/// An id stands in paths of later calls.
std::string parse_id(const AnswerReader& id)
{
    auto text = id.text();
    const auto fits = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (text.empty() || text.size() > 128 || !std::ranges::all_of(text, fits)) {
        throw MalformedAnswer(engine, "answered a container id that is none");
    }
    return text;
}

} // namespace

std::string parse_created(std::string_view body)
{
    const auto json = parse_answer(engine, body);
    return parse_id(AnswerReader{std::string{engine}, json}.at("Id"));
}

ContainerState parse_state(std::string_view body)
{
    const auto json = parse_answer(engine, body);
    const AnswerReader container{std::string{engine}, json};
    const auto state = container.at("State");
    ContainerState result;
    result.running = state.at("Running").boolean();
    if (const auto code = state.find("ExitCode")) {
        result.exit_code = code->integer();
    }
    if (result.running) {
        result.ssh_port = published_port(container);
    }
    return result;
}

std::vector<ListedContainer> parse_list(std::string_view body)
{
    const auto json = parse_answer(engine, body);
    std::vector<ListedContainer> result;
    for (const auto& item : AnswerReader{std::string{engine}, json}.items()) {
        const auto labels = item.find("Labels");
        const auto name = labels ? labels->find(name_label) : std::nullopt;
        if (!name) {
            continue;
        }
        ListedContainer container;
        container.id = parse_id(item.at("Id"));
        container.name = name->text();
        if (const auto installation = labels->find(installation_label)) {
            container.installation = installation->text();
        }
        container.running = item.at("State").text() == "running";
        result.push_back(std::move(container));
    }
    return result;
}

std::string parse_version(std::string_view body)
{
    const auto json = parse_answer(engine, body);
    return AnswerReader{std::string{engine}, json}.at("Version").text();
}

std::string parse_log(std::string_view body)
{
    // A frame: the stream, three zeros, the length in network order, the piece.
    constexpr std::size_t header = 8;
    std::string text;
    while (body.size() >= header && static_cast<unsigned char>(body[0]) <= 2 && body[1] == 0 &&
           body[2] == 0 && body[3] == 0) {
        std::size_t length = 0;
        for (std::size_t i = 4; i < header; ++i) {
            length = length << 8U | static_cast<unsigned char>(body[i]);
        }
        text += body.substr(header, length);
        body.remove_prefix(std::min(body.size(), header + length));
    }
    return text.append(body);
}

} // namespace drukbox::service::docker
