#pragma once

#include "service/base/provider_error.hpp"
#include "service/metrics/metrics.hpp"
#include "service/runtime/failpoint.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace drukbox::service {

/// A call of a provider or a network, counted, timed and, as `step`, named for crash tests. `asked` and
/// `operation` live as long as the call.
template <class T>
boost::asio::awaitable<T> observed_call(Metrics& metrics, std::string_view asked, std::string step,
                                        std::string_view operation, boost::asio::awaitable<T> call)
{
    const auto begun = std::chrono::steady_clock::now();
    // Not by a destructor: a coroutine that is never resumed is destroyed after the metrics.
    const auto count = [&](std::string_view outcome) {
        metrics.provider_call(asked, operation, outcome, std::chrono::steady_clock::now() - begun);
    };
    failpoint("before", step);
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(call);
            count("ok");
            failpoint("after", step);
        } else {
            T result = co_await std::move(call);
            count("ok");
            failpoint("after", step);
            co_return result;
        }
    } catch (const ProviderError& error) {
        count(error.kind());
        throw;
    } catch (...) {
        count("interrupted");
        throw;
    }
}

} // namespace drukbox::service
