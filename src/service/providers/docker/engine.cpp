#include "service/providers/docker/engine.hpp"

#include "service/providers/docker/container_spec.hpp"
#include "service/providers/docker/pull_progress.hpp"
#include "service/providers/docker/tar_archive.hpp"
#include "service/providers/support/installation_mark.hpp"
#include "service/providers/support/user_data.hpp"
#include "service/remote/answer.hpp"
#include "service/runtime/log.hpp"
#include "service/runtime/signal.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/json.hpp>

#include <memory>

namespace drukbox::service::docker {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::chrono::seconds report_interval{2};
constexpr std::chrono::milliseconds removal_poll{100};
constexpr std::chrono::seconds removal_patience{30};

ApiClientOptions client_options(const DockerSettings& settings)
{
    ApiClientOptions options;
    options.provider = "docker";
    options.timeout = settings.api_timeout;
    options.http.unix_socket = settings.endpoint.unix_socket;
    options.base_url = settings.endpoint.unix_socket.empty() ? settings.endpoint.url : "http://docker";
    options.http.ca_file = settings.endpoint.ca_file;
    options.http.client_certificate = settings.endpoint.certificate;
    options.http.client_key = settings.endpoint.key;
    return options;
}

/// Where the name ends and the tag begins: `registry:5000/name:tag`.
std::string pull_query(const std::string& image)
{
    const auto name_begin = image.rfind('/') == std::string::npos ? 0 : image.rfind('/') + 1;
    const auto colon = image.find(':', name_begin);
    if (image.find('@') != std::string::npos) {
        return "fromImage=" + url_escape(image);
    }
    // Without a tag the engine pulls all of them.
    const auto tag = colon == std::string::npos ? "latest" : image.substr(colon + 1);
    return "fromImage=" + url_escape(image.substr(0, colon)) + "&tag=" + url_escape(tag);
}

asio::awaitable<void> report(std::shared_ptr<PullProgress> progress, std::shared_ptr<Signal> done,
                             std::string image)
{
    for (bool over = co_await done->wait(report_interval); !over;) {
        progress->update();
        log::info("image.pulling")
            .field("image", image)
            .field("layers", progress->layers())
            .field("mb", progress->bytes() >> 20)
            .field("of_mb", progress->total() >> 20);
        over = co_await done->wait(report_interval);
    }
}

class DoneAtEnd
{
public:
    explicit DoneAtEnd(std::shared_ptr<Signal> signal)
        : signal_(std::move(signal))
    {
    }

    DoneAtEnd(const DoneAtEnd&) = delete;
    DoneAtEnd& operator=(const DoneAtEnd&) = delete;

    ~DoneAtEnd() { signal_->set(); }

private:
    std::shared_ptr<Signal> signal_;
};

} // namespace

Engine::Engine(asio::any_io_executor executor, const DockerSettings& settings)
    : executor_(std::move(executor))
    , service_label_(settings.service_label)
    , installation_(settings.installation)
    , endpoint_(settings.endpoint.name())
    , pull_timeout_(settings.pull_timeout)
    , api_(executor_, client_options(settings))
    , pulls_(executor_)
{
}

asio::awaitable<std::string> Engine::create(const VmSpec& spec, json::value body)
{
    for (bool pulled = false;; pulled = true) {
        ApiRequest request{"POST", "/containers/create?name=" + url_escape(spec.name)};
        request.set_json(body);
        request.secrets = secrets_of(spec);
        const ApiAnswer answer = co_await api_.send(std::move(request));
        if (answer.status != 404 || pulled) {
            require_success(answer, "create the container");
            co_return parse_created(answer.body);
        }
        co_await pull(spec.image);
    }
}

asio::awaitable<void> Engine::upload(std::string id, std::string archive)
{
    ApiRequest request{"PUT", "/containers/" + id + "/archive?path=%2F"};
    request.headers.add("Content-Type", "application/x-tar");
    request.body = std::move(archive);
    const ApiAnswer answer = co_await api_.send(std::move(request));
    require_success(answer, "put the keys into the container");
}

asio::awaitable<std::string> Engine::download(std::string id, std::string path)
{
    ApiRequest request{"GET", "/containers/" + id + "/archive?path=" + url_escape(path)};
    const ApiAnswer answer = co_await api_.send(std::move(request));
    require_success(answer, "read " + path + " of the container");
    const auto content = first_file(answer.body);
    if (!content) {
        throw MalformedAnswer("docker", "answered no archive with " + path);
    }
    co_return std::string{*content};
}

asio::awaitable<void> Engine::start(std::string id)
{
    ApiRequest request{"POST", "/containers/" + id + "/start"};
    // One that runs already answers 304.
    request.idempotent = true;
    const ApiAnswer answer = co_await api_.send(std::move(request));
    if (answer.status != 304) {
        require_success(answer, "start the container");
    }
}

asio::awaitable<ContainerState> Engine::inspect(std::string id)
{
    ApiRequest request{"GET", "/containers/" + id + "/json"};
    const ApiAnswer answer = co_await api_.send(std::move(request));
    require_success(answer, "look at the container");
    co_return parse_state(answer.body);
}

asio::awaitable<std::string> Engine::log_tail(std::string id)
{
    ApiRequest request{"GET", "/containers/" + id + "/logs?stdout=true&stderr=true&tail=5"};
    const ApiAnswer answer = co_await api_.send(std::move(request));
    require_success(answer, "read the container's log");
    co_return parse_log(answer.body);
}

asio::awaitable<void> Engine::remove(std::string id)
{
    const auto until = std::chrono::steady_clock::now() + removal_patience;
    for (;;) {
        ApiRequest request{"DELETE", "/containers/" + id + "?force=true&v=true"};
        const ApiAnswer answer = co_await api_.send(std::move(request));
        // 409: somebody removes it already.
        if (answer.status != 409 || std::chrono::steady_clock::now() > until) {
            if (answer.status != 404) {
                require_success(answer, "remove the container");
            }
            co_return;
        }
        asio::steady_timer timer{executor_, removal_poll};
        co_await timer.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<std::vector<ListedContainer>> Engine::list(std::string name)
{
    json::array labels;
    labels.emplace_back(std::string{owner_label} + "=" + service_label_);
    if (!name.empty()) {
        labels.emplace_back(std::string{name_label} + "=" + name);
    }
    json::object filters;
    filters["label"] = std::move(labels);
    ApiRequest request{"GET", "/containers/json?all=true&filters=" + url_escape(json::serialize(filters))};
    const ApiAnswer answer = co_await api_.send(std::move(request));
    require_success(answer, "list the containers");
    auto containers = parse_list(answer.body);
    std::erase_if(containers, [this](const ListedContainer& one) {
        return !InstallationMark{one.installation, installation_}.may_be_ours;
    });
    co_return containers;
}

asio::awaitable<std::string> Engine::version()
{
    ApiRequest request{"GET", "/version"};
    const ApiAnswer answer = co_await api_.send(std::move(request));
    require_success(answer, "tell its version");
    co_return parse_version(answer.body);
}

asio::awaitable<void> Engine::pull(std::string image)
{
    if (image.starts_with("localhost/")) {
        throw ProviderError("docker has no image " + image +
                            ": images/sandbox/build makes and imports the usual one");
    }
    // Whoever comes second finds that the image is there, and the engine pulls nothing.
    const auto lock = co_await pulls_.lock(image);
    const auto begun = std::chrono::steady_clock::now();
    log::info("image.pull").field("image", image);
    const auto progress = std::make_shared<PullProgress>();
    const auto done = std::make_shared<Signal>(executor_);
    asio::co_spawn(executor_, report(progress, done, image), asio::detached);
    const DoneAtEnd finish{done};
    ApiRequest request{"POST", "/images/create?" + pull_query(image)};
    request.timeout = pull_timeout_;
    request.lane = http::Lane::lengthy;
    request.sink = progress;
    const ApiAnswer answer = co_await api_.send(std::move(request));
    require_success(answer, "pull the image " + image);
    progress->update();
    if (progress->error()) {
        throw_failure(answer, "pull the image " + image, *progress->error());
    }
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
    log::info("image.pulled")
        .field("image", image)
        .field("mb", progress->bytes() >> 20)
        .field("ms", took.count());
}

} // namespace drukbox::service::docker
