#pragma once

#include <drukbox/detail/operation.hpp>
#include <drukbox/export.hpp>

#include <boost/asio/execution_context.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <memory>

// Handlers that wait for their outcome. Not for direct use.
namespace drukbox::inline v0::detail {

class PostingReceiver;

/// A caller's handler, of whatever type, that waits for the outcome of a call. Either function ends its life.
class DRUKBOX_API PendingHandler : public boost::intrusive::list_base_hook<>
{
public:
    PendingHandler() = default;
    PendingHandler(const PendingHandler&) = delete;
    PendingHandler& operator=(const PendingHandler&) = delete;

    /// The context that the handler's executor belongs to; null where it does not say.
    [[nodiscard]] virtual boost::asio::execution_context* context() const noexcept = 0;

    /// Posts the handler, with its result, to its executor.
    virtual void deliver(Outcome outcome) noexcept = 0;

    /// Destroys the handler without calling it.
    virtual void discard() noexcept = 0;

    /// Who will deliver it.
    PostingReceiver* receiver = nullptr;

protected:
    ~PendingHandler();
};

class Discard
{
public:
    void operator()(PendingHandler* handler) const noexcept { handler->discard(); }
};

using PendingHandlerPtr = std::unique_ptr<PendingHandler, Discard>;

/// A receiver that delivers the outcome of `call` to a handler. When the handler's context is destroyed
/// first, the handler goes with it, uncalled, and the call is cancelled.
[[nodiscard]] DRUKBOX_API std::unique_ptr<Receiver> receiver_for(PendingHandlerPtr handler,
                                                                 const std::shared_ptr<Call>& call);

} // namespace drukbox::inline v0::detail
