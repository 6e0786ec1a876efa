#include "service/serve.hpp"

#include "posix/living_file.hpp"
#include "service/runtime/log.hpp"
#include "service/runtime/private_file.hpp"
#include "service/service.hpp"
#include "wire/printable_text.hpp"

#include <sodium.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>

#include <malloc.h>
#include <sys/resource.h>

namespace drukbox::service {
namespace {

constexpr int exit_setting = 2;

std::string make_token()
{
    std::array<unsigned char, 24> bytes{};
    randombytes_buf(bytes.data(), bytes.size());
    std::array<char, sodium_base64_ENCODED_LEN(24, sodium_base64_VARIANT_URLSAFE_NO_PADDING)> text{};
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return std::string{text.data()} + "\n";
}

bool is_loopback(std::string_view listen)
{
    return listen.starts_with("127.") || listen.starts_with("localhost:") || listen.starts_with("[::1]:") ||
           listen.starts_with("unix:");
}

Settings load_settings(const ServeOptions& options)
{
    auto settings = Settings::load(Environment::of_process(std::filesystem::current_path()), options.dev);
    if (options.dev) {
        if (!is_loopback(settings.listen)) {
            throw SettingError("LISTEN",
                               "should be a loopback address with --dev, not '" + settings.listen + "'");
        }
        if (settings.tokens.empty()) {
            make_private_directory(settings.state_dir);
            check_private_directory("STATE_DIR", settings.state_dir);
            auto token = read_or_create_private_file(settings.state_dir / "token", make_token);
            token.erase(token.find_last_not_of(" \r\n") + 1);
            if (token.empty()) {
                throw SettingError((settings.state_dir / "token").string(), "should hold a token");
            }
            settings.tokens.emplace_back(std::move(token));
        }
    }
    return settings;
}

/// Whoever starts the service in a directory with a `.env` should see that it counts. The names only: values
/// may be secrets.
void tell_what_came_from_dotenv(const Settings& settings)
{
    std::string names;
    for (const auto& name : settings.from_dotenv) {
        names += (names.empty() ? "" : ",") + name;
    }
    if (!names.empty()) {
        log::info("settings.from_dotenv")
            .field("file", (std::filesystem::current_path() / ".env").string())
            .field("names", names);
    }
}

/// As far as allowed: the usual soft limit is that of programs that still use select().
void raise_descriptor_limit()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/// Runs `work`; what stops the start becomes one line and an exit code.
template <class Work>
int guarded(Work work)
{
    try {
        if (sodium_init() < 0) {
            throw std::runtime_error("libsodium cannot be initialised");
        }
        return work();
    } catch (const SettingError& error) {
        std::cerr << "drukbox: " << wire::printable(error.what()) << '\n';
        return exit_setting;
    } catch (const std::exception& error) {
        std::cerr << "drukbox: " << wire::printable(error.what()) << '\n';
        return 1;
    }
}

int run_round(const ServeOptions& options, bool (Service::*round)())
{
    return guarded([&] {
        const auto settings = load_settings(options);
        log::configure(settings.log_level, settings.log_format);
        tell_what_came_from_dotenv(settings);
        bool is_ours = false;
        try {
            Service service{settings, make_providers};
            is_ours = (service.*round)();
        } catch (const DatabaseInUse&) {
            is_ours = false;
        }
        if (!is_ours) {
            std::cout << "nothing to do: a running service does this by itself\n";
        }
        return 0;
    });
}

} // namespace

int run_service(const ServeOptions& options)
{
    // An arena per thread is most of the memory of an idle service.
    ::mallopt(M_ARENA_MAX, 2);
    std::signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    return guarded([&] {
        const auto settings = load_settings(options);
        log::configure(settings.log_level, settings.log_format);
        tell_what_came_from_dotenv(settings);
        if (options.check_config) {
            for (const auto& warning : check_settings(settings, make_providers)) {
                std::cerr << "warning: " << warning << '\n';
            }
            std::cout << "the settings are valid\n";
            return 0;
        }
        Service service{settings, make_providers};
        // Before anybody is told that the service is there, and so may tell it to stop.
        service.heed_signals([&options] {
            auto again = load_settings(options);
            tell_what_came_from_dotenv(again);
            return again;
        });
        const auto address = service.listen();
        // Where this user's commands find the service. Taken back before the address is let go of: what
        // listens there afterwards gets no token.
        std::optional<posix::LivingFile> published;
        if (options.dev) {
            published.emplace((settings.state_dir / "address").string(), address + "\n");
            service.before_stop([&published] { published->take_back(); });
        }
        std::cout << "listening on " << address << std::endl;
        service.run();
        return 0;
    });
}

int run_janitor(const ServeOptions& options)
{
    return run_round(options, &Service::reconcile_once);
}

int run_pool(const ServeOptions& options)
{
    return run_round(options, &Service::maintain_pool_once);
}

} // namespace drukbox::service
