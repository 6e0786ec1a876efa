#pragma once

#include <drukbox/export.hpp>

#include <memory>
#include <utility>

// The seam between the templates that know the caller's handler and the library that does the work. Not for
// direct use.
namespace drukbox::inline v0::detail {

/// What came of a call, not decoded yet: decoding runs where the caller's handler runs, not on the I/O
/// thread.
class DRUKBOX_API Outcome
{
public:
    class State;

    explicit Outcome(std::unique_ptr<State> state) noexcept;
    Outcome(Outcome&&) noexcept;
    Outcome& operator=(Outcome&&) noexcept;
    ~Outcome();

    [[nodiscard]] std::unique_ptr<State> release() noexcept;

private:
    std::unique_ptr<State> state_;
};

/// The record in a call's answer; nothing for `void`. Throws the error that the call failed with. Defined for
/// the results of the public operations.
template <class Result>
[[nodiscard]] Result decode(Outcome outcome);

/// Who waits for the outcome of a call.
class DRUKBOX_API Receiver
{
public:
    Receiver() = default;
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;
    virtual ~Receiver();

    /// Called at most once, on any thread; must not run the caller's code.
    virtual void receive(Outcome outcome) noexcept = 0;
};

/// One run of an operation. Thread safe.
class DRUKBOX_API Call
{
public:
    Call() = default;
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    virtual ~Call();

    /// Sends the request; once.
    virtual void start(std::unique_ptr<Receiver> receiver) = 0;

    /// Before or after start(), any number of times.
    virtual void cancel() noexcept = 0;
};

/// What the handles of one client share: its configuration, its connections, its I/O thread.
class Core;

/// A request that is ready to be sent, as often as it is called for. A cheap handle; it does not keep the
/// client alive.
class DRUKBOX_API Operation
{
public:
    class State;

    explicit Operation(std::shared_ptr<const State> state) noexcept
        : state_(std::move(state))
    {
    }

    [[nodiscard]] std::shared_ptr<Call> prepare() const;

private:
    std::shared_ptr<const State> state_;
};

} // namespace drukbox::inline v0::detail
