#include "service/runtime/task_group.hpp"

#include "service/runtime/log.hpp"
#include "service/runtime/signal.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>

namespace drukbox::service {

struct TaskGroup::State
{
    explicit State(boost::asio::any_io_executor on)
        : executor(std::move(on))
    {
    }

    boost::asio::any_io_executor executor;
    std::size_t running = 0;
    std::shared_ptr<Signal> idle;
};

TaskGroup::TaskGroup(boost::asio::any_io_executor executor)
    : state_(std::make_shared<State>(std::move(executor)))
{
}

TaskGroup::~TaskGroup() = default;

void TaskGroup::spawn(std::string name, boost::asio::awaitable<void> task)
{
    ++state_->running;
    auto done = [state = state_, name = std::move(name)](const std::exception_ptr& failure) {
        if (failure) {
            try {
                std::rethrow_exception(failure);
            } catch (const std::exception& error) {
                log::error("task.failed").field("task", name).field("error", error.what());
            }
        }
        if (--state->running == 0 && state->idle) {
            state->idle->set();
        }
    };
    boost::asio::co_spawn(state_->executor, std::move(task), std::move(done));
}

std::size_t TaskGroup::size() const noexcept
{
    return state_->running;
}

boost::asio::awaitable<bool> TaskGroup::drain(std::chrono::steady_clock::duration limit)
{
    const auto state = state_;
    if (state->running == 0) {
        co_return true;
    }
    state->idle = std::make_shared<Signal>(state->executor);
    co_return co_await state->idle->wait(limit);
}

} // namespace drukbox::service
