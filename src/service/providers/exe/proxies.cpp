#include "service/providers/exe/proxies.hpp"

#include "service/providers/exe/answers.hpp"

#include <utility>

namespace drukbox::service::exe {
namespace {

namespace asio = boost::asio;

} // namespace

asio::awaitable<void> Proxies::create_proxy(HttpProxySpec spec)
{
    CommandLine command{"integrations add http-proxy"};
    command.option("--name", spec.name).option("--target", spec.target);
    for (const auto& [name, value] : spec.headers) {
        refuse_line_breaks(Redacted{name}, "the name of a header");
        refuse_line_breaks(value, "the header " + name);
        command.secret_option("--header", name + ": " + value.reveal(), value);
    }
    const std::string doing = "make an http proxy";
    const CommandResult result = co_await endpoint_.run(std::move(command), Repeatable::no, doing);
    if (result.ok) {
        co_return;
    }
    if (is_already_there(result.failure)) {
        throw HttpProxyExists(spec.name);
    }
    throw_failure(result.answer, doing, result.failure);
}

asio::awaitable<void> Proxies::remove_proxy(std::string name)
{
    CommandLine command{"integrations remove"};
    command.word(name);
    const std::string doing = "remove an http proxy";
    const CommandResult result = co_await endpoint_.run(std::move(command), Repeatable::no, doing);
    if (result.ok) {
        co_return;
    }
    // There is no VM in this command that could be meant.
    if (is_proxy_not_found(result.failure) || is_vm_not_found(result.failure)) {
        throw HttpProxyNotFound(name);
    }
    throw_failure(result.answer, doing, result.failure);
}

asio::awaitable<void> Proxies::attach_proxy(std::string name, std::string vm)
{
    return tie("integrations attach", std::move(name), std::move(vm), "attach an http proxy");
}

asio::awaitable<void> Proxies::detach_proxy(std::string name, std::string vm)
{
    return tie("integrations detach", std::move(name), std::move(vm), "detach an http proxy");
}

asio::awaitable<void> Proxies::tie(std::string_view verb, std::string name, std::string vm, std::string doing)
{
    CommandLine command{verb};
    command.word(name).word("vm:" + vm);
    const CommandResult result = co_await endpoint_.run(std::move(command), Repeatable::no, doing);
    if (result.ok) {
        co_return;
    }
    if (is_proxy_not_found(result.failure)) {
        throw HttpProxyNotFound(name);
    }
    if (is_vm_not_found(result.failure)) {
        throw VmNotFound(vm);
    }
    throw_failure(result.answer, doing, result.failure);
}

} // namespace drukbox::service::exe
