#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace drukbox::service {

class Signal;

/// Coroutines that belong to the service and not to a connection. An exception that one of them lets out is
/// logged with the task's name: it is a defect, never a way of telling something.
class TaskGroup
{
public:
    explicit TaskGroup(boost::asio::any_io_executor executor);
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;
    ~TaskGroup();

    void spawn(std::string name, boost::asio::awaitable<void> task);

    [[nodiscard]] std::size_t size() const noexcept;

    /// Waits until no task is left, or for `limit`; true when none is left.
    boost::asio::awaitable<bool> drain(std::chrono::steady_clock::duration limit);

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace drukbox::service
