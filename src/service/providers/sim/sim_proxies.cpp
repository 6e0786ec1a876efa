#include "service/providers/sim/sim_proxies.hpp"

#include "posix/file.hpp"
#include "service/runtime/blocking.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <sodium.h>

#include <array>
#include <system_error>

#include <fcntl.h>

namespace drukbox::service::sim {
namespace {

/// Of one length whatever the name's, which knows no limit.
std::string file_name(const std::string& proxy)
{
    std::array<unsigned char, 16> digest{};
    crypto_generichash(digest.data(), digest.size(), reinterpret_cast<const unsigned char*>(proxy.data()),
                       proxy.size(), nullptr, 0);
    std::array<char, 2 * 16 + 1> text{};
    return sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
}

std::string describe(const HttpProxySpec& spec)
{
    boost::json::array names;
    for (const auto& header : spec.headers) {
        names.emplace_back(header.first);
    }
    boost::json::object proxy;
    proxy["name"] = spec.name;
    proxy["target"] = spec.target;
    proxy["headers"] = std::move(names);
    return boost::json::serialize(proxy);
}

} // namespace

/// Every function blocks for as long as a file takes.
class SimProxies::Files
{
public:
    Files(std::shared_ptr<const SimCloud> cloud, std::filesystem::path directory)
        : cloud_(std::move(cloud))
        , directory_(std::move(directory))
    {
    }

    void create(const HttpProxySpec& spec) const
    {
        guarded([&] {
            std::filesystem::create_directories(directory_);
            const auto file = file_of(spec.name);
            try {
                const auto fd = posix::open_at(AT_FDCWD, file, O_WRONLY | O_CREAT | O_EXCL, 0600);
                posix::write_all(fd.get(), describe(spec), file);
            } catch (const std::system_error& error) {
                if (error.code() == std::errc::file_exists) {
                    throw HttpProxyExists(spec.name);
                }
                throw;
            }
        });
    }

    void remove(const std::string& name) const
    {
        guarded([&] {
            if (!std::filesystem::remove(file_of(name))) {
                throw HttpProxyNotFound(name);
            }
            std::filesystem::remove_all(attachments_of(name));
        });
    }

    void attach(const std::string& name, const std::string& vm) const
    {
        guarded([&] {
            check(name, vm);
            std::filesystem::create_directories(attachments_of(name));
            static_cast<void>(posix::open_at(AT_FDCWD, attachments_of(name) / vm, O_WRONLY | O_CREAT, 0600));
        });
    }

    void detach(const std::string& name, const std::string& vm) const
    {
        guarded([&] {
            check(name, vm);
            std::filesystem::remove(attachments_of(name) / vm);
        });
    }

private:
    template <class Work>
    static void guarded(Work work)
    {
        try {
            work();
        } catch (const std::system_error& error) {
            throw ProviderError(std::string{"the simulated cloud's proxies: "} + error.what());
        }
    }

    void check(const std::string& name, const std::string& vm) const
    {
        if (!std::filesystem::exists(file_of(name))) {
            throw HttpProxyNotFound(name);
        }
        if (!cloud_->has(vm)) {
            throw VmNotFound(vm);
        }
    }

    [[nodiscard]] std::filesystem::path file_of(const std::string& name) const
    {
        return directory_ / file_name(name);
    }

    [[nodiscard]] std::filesystem::path attachments_of(const std::string& name) const
    {
        return directory_ / (file_name(name) + ".machines");
    }

    std::shared_ptr<const SimCloud> cloud_;
    std::filesystem::path directory_;
};

SimProxies::SimProxies(boost::asio::thread_pool& blocking, std::shared_ptr<const SimCloud> cloud,
                       std::filesystem::path directory)
    : blocking_(blocking)
    , files_(std::make_shared<Files>(std::move(cloud), std::move(directory) / "proxies"))
{
}

boost::asio::awaitable<void> SimProxies::create_proxy(HttpProxySpec spec)
{
    auto work = [files = files_, spec = std::move(spec)] { files->create(spec); };
    co_await run_blocking(blocking_, std::move(work));
}

boost::asio::awaitable<void> SimProxies::remove_proxy(std::string name)
{
    auto work = [files = files_, name = std::move(name)] { files->remove(name); };
    co_await run_blocking(blocking_, std::move(work));
}

boost::asio::awaitable<void> SimProxies::attach_proxy(std::string name, std::string vm)
{
    auto work = [files = files_, name = std::move(name), vm = std::move(vm)] { files->attach(name, vm); };
    co_await run_blocking(blocking_, std::move(work));
}

boost::asio::awaitable<void> SimProxies::detach_proxy(std::string name, std::string vm)
{
    auto work = [files = files_, name = std::move(name), vm = std::move(vm)] { files->detach(name, vm); };
    co_await run_blocking(blocking_, std::move(work));
}

} // namespace drukbox::service::sim
