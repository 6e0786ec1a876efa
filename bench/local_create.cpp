// How long the local provider takes for a sandbox, without the service around it: until create() returns,
// until SSH's banner has arrived, and for its removal. One after the other, medians.
#include "service/providers/local/local_provider.hpp"
#include "service/ssh/key_pair.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace drukbox::service;
using Clock = std::chrono::steady_clock;

class Times
{
public:
    void add(Clock::time_point& since)
    {
        const auto now = Clock::now();
        milliseconds_.push_back(std::chrono::duration<double, std::milli>(now - since).count());
        since = now;
    }

    void print(const char* what)
    {
        std::sort(milliseconds_.begin(), milliseconds_.end());
        std::printf("%-8s median %6.1f ms   fastest %6.1f   slowest %6.1f\n", what,
                    milliseconds_[milliseconds_.size() / 2], milliseconds_.front(), milliseconds_.back());
    }

private:
    std::vector<double> milliseconds_;
};

asio::awaitable<void> measure(Provider& provider, int rounds)
{
    const ssh::KeyPair host = ssh::KeyPair::generate();
    const ssh::KeyPair client = ssh::KeyPair::generate();
    Times created;
    Times reached;
    Times removed;
    Times together;
    for (int i = 0; i < rounds; ++i) {
        VmSpec spec;
        spec.name = "sb-bench" + std::to_string(i);
        spec.image = "host";
        spec.authorized_key = client.public_key;
        spec.host_key = host.private_key;
        spec.host_public_key = host.public_key;
        auto since = Clock::now();
        auto begin = since;
        const Vm vm = co_await provider.create(std::move(spec));
        created.add(since);
        co_await provider.wait_until_reachable(vm);
        reached.add(since);
        together.add(begin);
        co_await provider.remove(vm.name);
        removed.add(since);
    }
    created.print("create");
    reached.print("banner");
    together.print("both");
    removed.print("remove");
}

} // namespace

// local_create [ROUNDS] [PROGRAM_DIR]
int main(int argc, char** argv)
{
    std::string state = std::filesystem::temp_directory_path() / "drukbox-bench-XXXXXX";
    if (::mkdtemp(state.data()) == nullptr) {
        return 1;
    }
    local::LocalSettings settings;
    settings.state_dir = state;
    settings.program_dir = argc > 2 ? std::filesystem::path{argv[2]}
                                    : std::filesystem::read_symlink("/proc/self/exe").parent_path();
    asio::io_context reactor;
    asio::thread_pool blocking{4};
    const auto provider = local::make_local_provider(reactor.get_executor(), blocking, settings);
    auto done =
        asio::co_spawn(reactor, measure(*provider, argc > 1 ? std::atoi(argv[1]) : 50), asio::use_future);
    reactor.run();
    blocking.join();
    std::filesystem::remove_all(state);
    done.get();
}
