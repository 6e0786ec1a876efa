#include "service/store/session_pool.hpp"

#include "service/runtime/log.hpp"
#include "service/store/session.hpp"
#include "service/store/store_error.hpp"

#include <utility>

namespace drukbox::service {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_wait = 5s;
constexpr auto pause_after_failure = 250ms;

} // namespace

SessionPool::SessionPool(Backend& backend)
    : backend_(backend)
    , available_(backend.width())
{
}

SessionPool::~SessionPool() = default;

std::unique_ptr<Session> SessionPool::take()
{
    std::unique_lock lock{mutex_};
    if (!returned_.wait_for(lock, longest_wait, [this] { return available_ > 0; })) {
        throw StoreError("no session came free in time");
    }
    --available_;
    if (idle_.empty()) {
        return nullptr;
    }
    auto session = std::move(idle_.back());
    idle_.pop_back();
    return session;
}

void SessionPool::give_back(std::unique_ptr<Session> session)
{
    {
        const std::lock_guard lock{mutex_};
        ++available_;
        if (session) {
            idle_.push_back(std::move(session));
        }
    }
    returned_.notify_one();
}

std::unique_ptr<Session> SessionPool::open()
{
    {
        const std::lock_guard lock{mutex_};
        if (std::chrono::steady_clock::now() < next_attempt_) {
            throw StoreError("the database cannot be reached");
        }
    }
    try {
        return backend_.open();
    } catch (const soci::soci_error& error) {
        const auto message = error.get_error_message();
        log::error("store.unreachable").field("error", message);
        const std::lock_guard lock{mutex_};
        next_attempt_ = std::chrono::steady_clock::now() + pause_after_failure;
        // What is idle is most likely lost too, and would be found so one by one.
        idle_.clear();
        throw StoreError(message);
    }
}

SessionPool::Lease::Lease(SessionPool& pool)
    : pool_(pool)
    , session_(pool.take())
{
}

SessionPool::Lease::~Lease()
{
    pool_.give_back(std::move(session_));
}

Session& SessionPool::Lease::session()
{
    if (!session_) {
        session_ = pool_.open();
    }
    return *session_;
}

void SessionPool::Lease::discard() noexcept
{
    session_.reset();
}

} // namespace drukbox::service
