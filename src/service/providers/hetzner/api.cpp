#include "service/providers/hetzner/api.hpp"

#include "service/providers/hetzner/names.hpp"
#include "service/providers/support/installation_mark.hpp"

#include <utility>

namespace drukbox::service::hetzner {
namespace {

namespace asio = boost::asio;

constexpr unsigned not_found = 404;
constexpr std::int64_t most_pages = 1000;

ApiClientOptions options_of(const HetznerSettings& settings)
{
    ApiClientOptions options;
    options.provider = provider_name;
    options.base_url = settings.api_url;
    options.timeout = settings.api_timeout;
    options.authorize = [bearer = "Bearer " + settings.api_token.reveal()](http::Request& request) {
        request.headers.add("Authorization", bearer);
    };
    return options;
}

} // namespace

Api::Api(asio::any_io_executor executor, const HetznerSettings& settings)
    : service_label_(settings.service_label)
    , installation_(settings.installation)
    , token_(settings.api_token)
    , client_(std::move(executor), options_of(settings))
{
}

asio::awaitable<ApiAnswer> Api::send(ApiRequest request)
{
    request.secrets.push_back(token_);
    co_return co_await client_.send(std::move(request));
}

asio::awaitable<SshKey> Api::create_key(boost::json::value body, Deadline deadline)
{
    ApiRequest request{"POST", "/ssh_keys"};
    request.set_json(body);
    request.deadline = deadline;
    const ApiAnswer answer = co_await send(std::move(request));
    require_success(answer, "store an SSH key");
    co_return parse_ssh_key(answer.body);
}

asio::awaitable<std::vector<SshKey>> Api::keys_named(std::string name)
{
    const ApiAnswer answer =
        co_await ask("/ssh_keys?name=" + url_escape(name), std::nullopt, "look for an SSH key");
    auto keys = parse_ssh_keys(answer.body);
    std::erase_if(keys, [&](const SshKey& key) {
        return key.name != name || (!key.owner.empty() && key.owner != service_label_) ||
               !may_be_ours(key.installation);
    });
    co_return keys;
}

asio::awaitable<void> Api::delete_key(std::int64_t id)
{
    co_await erase("/ssh_keys/" + std::to_string(id), "delete an SSH key");
}

asio::awaitable<Server> Api::create_server(boost::json::value body, Deadline deadline,
                                           std::vector<Redacted> secrets)
{
    ApiRequest request{"POST", "/servers"};
    request.set_json(body);
    request.deadline = deadline;
    request.secrets = std::move(secrets);
    const ApiAnswer answer = co_await send(std::move(request));
    require_success(answer, "make the server");
    co_return parse_server(answer.body);
}

asio::awaitable<std::optional<Server>> Api::server(std::int64_t id, Deadline deadline)
{
    ApiRequest request{"GET", "/servers/" + std::to_string(id)};
    request.deadline = deadline;
    const ApiAnswer answer = co_await send(std::move(request));
    if (answer.status == not_found) {
        co_return std::nullopt;
    }
    require_success(answer, "show the server");
    co_return parse_server(answer.body);
}

asio::awaitable<std::vector<Server>> Api::servers_named(std::string name)
{
    const ApiAnswer answer =
        co_await ask("/servers?name=" + url_escape(name), std::nullopt, "look for the server");
    auto page = parse_servers(answer.body);
    std::erase_if(page.servers, [&](const Server& server) {
        return server.name != name || server.owner != service_label_ || !may_be_ours(server.installation);
    });
    co_return std::move(page.servers);
}

asio::awaitable<std::vector<Server>> Api::servers(Deadline deadline)
{
    const std::string selector = url_escape(std::string{owner_label} + "==" + service_label_);
    std::vector<Server> result;
    for (std::optional<std::int64_t> page = 1; page;) {
        const ApiAnswer answer =
            co_await ask("/servers?label_selector=" + selector + "&per_page=50&page=" + std::to_string(*page),
                         deadline, "list the servers");
        auto found = parse_servers(answer.body);
        for (auto& server : found.servers) {
            if (server.owner == service_label_ && may_be_ours(server.installation)) {
                result.push_back(std::move(server));
            }
        }
        // Pages that do not count up would be read for ever.
        page = found.next_page > page && found.next_page < most_pages ? found.next_page : std::nullopt;
    }
    co_return result;
}

asio::awaitable<void> Api::delete_server(std::int64_t id)
{
    co_await erase("/servers/" + std::to_string(id), "delete the server");
}

asio::awaitable<std::int64_t> Api::count_servers(Deadline deadline)
{
    const ApiAnswer answer = co_await ask("/servers?per_page=1", deadline, "count the servers");
    co_return parse_total(answer.body);
}

asio::awaitable<ApiAnswer> Api::ask(std::string path, Deadline deadline, std::string_view doing)
{
    ApiRequest request{"GET", std::move(path)};
    request.deadline = deadline;
    ApiAnswer answer = co_await send(std::move(request));
    require_success(answer, doing);
    co_return answer;
}

bool Api::may_be_ours(const std::string& installation) const
{
    return InstallationMark{installation, installation_}.may_be_ours;
}

/// What is gone already is a success.
asio::awaitable<void> Api::erase(std::string path, std::string_view doing)
{
    ApiRequest request{"DELETE", std::move(path)};
    const ApiAnswer answer = co_await send(std::move(request));
    if (answer.status != not_found) {
        require_success(answer, doing);
    }
}

} // namespace drukbox::service::hetzner
