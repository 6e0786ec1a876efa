#pragma once

#include "service/base/provider_error.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace drukbox::service {

/// Waits for many things at a provider with one look an interval, however many wait. There is no task of its
/// own: the first of those who wait looks for all of them, and hands that over when it leaves.
///
/// A refused credential ends every wait at once. Other failures of a look are borne `borne` times in a row.
/// Used on one thread.
template <class Key, class State>
class SharedPoller
{
public:
    using Clock = std::chrono::steady_clock;

    /// What there is of these keys; a key that is missing in it is gone. Throws ProviderError.
    using Look = std::function<boost::asio::awaitable<std::map<Key, State>>(std::vector<Key>,
                                                                            Clock::time_point deadline)>;
    using Settled = std::function<bool(const State&)>;

    SharedPoller(boost::asio::any_io_executor executor, Clock::duration interval, Look look, Settled settled,
                 int borne = 4)
        : shared_(std::make_shared<Shared>(std::move(executor), interval, std::move(look), std::move(settled),
                                           borne))
    {
    }

    /// Waits until what there is of the key is settled; nothing when it is gone. Throws what ends every wait,
    /// and, when the time is over, a ProviderError that begins with `late`.
    [[nodiscard]] boost::asio::awaitable<std::optional<State>> wait(Key key, Clock::time_point deadline,
                                                                    std::string late)
    {
        const auto shared = shared_;
        const Registration registration{*shared, std::move(key)};
        Waiter& self = *registration.waiter;
        while (!self.ended) {
            if (Clock::now() >= deadline) {
                throw ProviderTimeout(late + (shared->problem.empty() ? "" : ": " + shared->problem));
            }
            if (shared->leader == nullptr) {
                shared->leader = &self;
            }
            if (shared->leader == &self && Clock::now() >= shared->next_look) {
                co_await look(shared, deadline);
                if (self.ended) {
                    break;
                }
            }
            self.timer.expires_at(shared->leader == &self ? std::min(deadline, shared->next_look) : deadline);
            co_await self.timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        }
        if (self.failure) {
            std::rethrow_exception(self.failure);
        }
        co_return std::move(self.state);
    }

private:
    struct Waiter
    {
        Waiter(const boost::asio::any_io_executor& executor, Key waited_for)
            : key(std::move(waited_for))
            , timer(executor)
        {
        }

        void end()
        {
            ended = true;
            timer.cancel();
        }

        Key key;
        boost::asio::steady_timer timer;
        bool asked = false; ///< Its key was among those of the look under way.
        bool ended = false;
        std::optional<State> state;
        std::exception_ptr failure;
    };

    struct Shared
    {
        Shared(boost::asio::any_io_executor on, Clock::duration pause, Look how, Settled when, int most)
            : executor(std::move(on))
            , interval(pause)
            , look(std::move(how))
            , settled(std::move(when))
            , borne(most)
        {
        }

        boost::asio::any_io_executor executor;
        Clock::duration interval;
        Look look;
        Settled settled;
        int borne;
        std::list<Waiter> waiters;
        Waiter* leader = nullptr;
        Clock::time_point next_look = Clock::time_point::min();
        int failures = 0;
        std::string problem; ///< Of the last look, when it failed.
    };

    /// A waiter in the list for as long as its coroutine lives.
    struct Registration
    {
        Registration(Shared& in, Key key)
            : shared(in)
            , waiter(in.waiters.emplace(in.waiters.end(), in.executor, std::move(key)))
        {
        }

        Registration(const Registration&) = delete;
        Registration& operator=(const Registration&) = delete;

        ~Registration()
        {
            const bool led = shared.leader == &*waiter;
            shared.waiters.erase(waiter);
            if (led) {
                shared.leader = nullptr;
                const auto next =
                    std::ranges::find_if(shared.waiters, [](const Waiter& one) { return !one.ended; });
                if (next != shared.waiters.end()) {
                    next->timer.cancel();
                }
            }
        }

        Shared& shared;
        typename std::list<Waiter>::iterator waiter;
    };

    static boost::asio::awaitable<void> look(std::shared_ptr<Shared> shared, Clock::time_point deadline)
    {
        std::vector<Key> keys;
        for (auto& waiter : shared->waiters) {
            waiter.asked = !waiter.ended;
            if (waiter.asked) {
                keys.push_back(waiter.key);
            }
        }
        std::map<Key, State> found;
        std::exception_ptr failure;
        bool refused = false;
        std::string problem;
        try {
            found = co_await shared->look(std::move(keys), deadline);
        } catch (const ProviderAuthError& error) {
            failure = std::current_exception();
            refused = true;
            problem = error.what();
        } catch (const ProviderError& error) {
            failure = std::current_exception();
            problem = error.what();
        }
        shared->problem = std::move(problem);
        shared->next_look = Clock::now() + shared->interval;
        shared->failures = failure ? shared->failures + 1 : 0;
        if (!failure) {
            tell(*shared, std::move(found));
        } else if (refused || shared->failures > shared->borne) {
            shared->failures = 0;
            for (auto& waiter : shared->waiters) {
                if (!waiter.ended) {
                    waiter.failure = failure;
                    waiter.end();
                }
            }
        }
    }

    static void tell(Shared& shared, std::map<Key, State> found)
    {
        for (auto& waiter : shared.waiters) {
            if (!waiter.asked || waiter.ended) {
                continue;
            }
            const auto state = found.find(waiter.key);
            if (state == found.end()) {
                waiter.end();
            } else if (shared.settled(state->second)) {
                waiter.state = state->second;
                waiter.end();
            }
        }
    }

    std::shared_ptr<Shared> shared_;
};

} // namespace drukbox::service
