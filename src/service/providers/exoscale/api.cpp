#include "service/providers/exoscale/api.hpp"

#include "service/providers/exoscale/signature.hpp"
#include "service/remote/answer.hpp"

#include <utility>

namespace drukbox::service::exoscale {
namespace {

namespace asio = boost::asio;

constexpr unsigned not_found = 404;
constexpr std::int64_t signed_for_seconds = 600;

/// What follows scheme and authority.
std::string_view target_of(std::string_view url)
{
    const auto begin = url.find('/', url.find("://") + 3);
    return begin == std::string_view::npos ? std::string_view{"/"} : url.substr(begin);
}

ApiClientOptions options_of(const ExoscaleSettings& settings)
{
    ApiClientOptions options;
    options.provider = provider_name;
    options.base_url = settings.api_url;
    options.timeout = settings.api_timeout;
    options.authorize = [key = settings.api_key, secret = settings.api_secret](http::Request& request) {
        const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                             std::chrono::system_clock::now().time_since_epoch())
                             .count();
        request.headers.add("Authorization",
                            authorization(key, secret, request.method, target_of(request.url),
                                          request.body.value_or(""), now + signed_for_seconds));
    };
    return options;
}

} // namespace

Api::Api(asio::any_io_executor executor, const ExoscaleSettings& settings)
    : client_(std::move(executor), options_of(settings))
{
}

asio::awaitable<void> Api::create_key(boost::json::value body, Deadline deadline)
{
    ApiRequest request{"POST", "/ssh-key"};
    request.set_json(body);
    request.deadline = deadline;
    const ApiAnswer answer = co_await client_.send(std::move(request));
    require_success(answer, "store an SSH key");
}

asio::awaitable<void> Api::delete_key(std::string name)
{
    co_await erase("/ssh-key/" + url_escape(name), "delete an SSH key");
}

asio::awaitable<std::string> Api::template_id(std::string name, Deadline deadline)
{
    const ApiAnswer answer = co_await ask("/template", deadline, "list its templates");
    auto id = parse_templates(answer.body, name);
    if (!id) {
        throw ProviderError("exoscale has no template named " + presentable(name, {}));
    }
    co_return std::move(*id);
}

asio::awaitable<std::string> Api::type_id(std::string name, Deadline deadline)
{
    const ApiAnswer answer = co_await ask("/instance-type", deadline, "list its instance types");
    auto id = parse_instance_types(answer.body, name);
    if (!id) {
        throw ProviderError("exoscale has no instance type " + presentable(name, {}));
    }
    co_return std::move(*id);
}

asio::awaitable<std::string> Api::create_instance(boost::json::value body, Deadline deadline,
                                                  std::vector<Redacted> secrets)
{
    ApiRequest request{"POST", "/instance"};
    request.set_json(body);
    request.deadline = deadline;
    request.secrets = std::move(secrets);
    const ApiAnswer answer = co_await client_.send(std::move(request));
    require_success(answer, "make the instance");
    co_return parse_operation(answer.body);
}

asio::awaitable<std::optional<Instance>> Api::instance(std::string id, Deadline deadline)
{
    ApiRequest request{"GET", "/instance/" + id};
    request.deadline = deadline;
    const ApiAnswer answer = co_await client_.send(std::move(request));
    if (answer.status == not_found) {
        co_return std::nullopt;
    }
    require_success(answer, "show the instance");
    co_return parse_instance(answer.body);
}

asio::awaitable<std::vector<Instance>> Api::instances(Deadline deadline)
{
    const ApiAnswer answer = co_await ask("/instance", deadline, "list its instances");
    co_return parse_instances(answer.body);
}

asio::awaitable<void> Api::delete_instance(std::string id)
{
    co_await erase("/instance/" + id, "delete the instance");
}

asio::awaitable<ApiAnswer> Api::ask(std::string path, Deadline deadline, std::string_view doing)
{
    ApiRequest request{"GET", std::move(path)};
    request.deadline = deadline;
    ApiAnswer answer = co_await client_.send(std::move(request));
    require_success(answer, doing);
    co_return answer;
}

/// What is gone already is a success.
asio::awaitable<void> Api::erase(std::string path, std::string_view doing)
{
    ApiRequest request{"DELETE", std::move(path)};
    const ApiAnswer answer = co_await client_.send(std::move(request));
    if (answer.status != not_found) {
        require_success(answer, doing);
    }
}

} // namespace drukbox::service::exoscale
