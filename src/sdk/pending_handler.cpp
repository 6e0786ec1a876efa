#include <drukbox/detail/pending_handler.hpp>

#include <boost/asio/execution_context.hpp>
#include <boost/intrusive/list.hpp>

#include <atomic>
#include <cstddef>
#include <mutex>
#include <utility>

namespace drukbox::inline v0::detail {

/// The handlers of one execution context that wait. The context does not end while one is being posted.
class PendingHandlers
{
public:
    PendingHandlers() = default;
    PendingHandlers(const PendingHandlers&) = delete;
    PendingHandlers& operator=(const PendingHandlers&) = delete;

    /// Has `receiver` wait with `handler`. Gives it back when the context has ended.
    [[nodiscard]] PendingHandlerPtr add(PendingHandlerPtr handler, PostingReceiver& receiver) noexcept;

    /// Posts what the receiver waits with, if anything.
    void deliver(PostingReceiver& receiver, Outcome outcome) noexcept;

    /// Gives back what the receiver waits with, if anything.
    [[nodiscard]] PendingHandlerPtr remove(PostingReceiver& receiver) noexcept;

    /// The context ends: its handlers are discarded and their calls cancelled.
    void close() noexcept;

private:
    [[nodiscard]] PendingHandlerPtr take(PostingReceiver& receiver) noexcept;

    std::mutex mutex_;
    bool closed_ = false;
    boost::intrusive::list<PendingHandler> handlers_;
    std::atomic<std::size_t> posting_{0}; // Rises under the lock only.
};

class PostingReceiver final : public Receiver
{
public:
    PostingReceiver(std::shared_ptr<PendingHandlers> pending, std::weak_ptr<Call> call) noexcept
        : pending_(std::move(pending))
        , call_(std::move(call))
    {
    }

    ~PostingReceiver() override { const auto unheard = pending_->remove(*this); }

    void receive(Outcome outcome) noexcept override { pending_->deliver(*this, std::move(outcome)); }

private:
    friend class PendingHandlers;

    const std::shared_ptr<PendingHandlers> pending_;
    const std::weak_ptr<Call> call_;
    PendingHandler* handler_ = nullptr; // Under the lock of pending_.
};

PendingHandlerPtr PendingHandlers::add(PendingHandlerPtr handler, PostingReceiver& receiver) noexcept
{
    const std::lock_guard lock{mutex_};
    if (closed_) {
        return handler;
    }
    handler->receiver = &receiver;
    receiver.handler_ = handler.release();
    handlers_.push_back(*receiver.handler_);
    return nullptr;
}

void PendingHandlers::deliver(PostingReceiver& receiver, Outcome outcome) noexcept
{
    PendingHandlerPtr handler;
    {
        const std::lock_guard lock{mutex_};
        handler = take(receiver);
        posting_ += handler ? 1 : 0;
    }
    if (handler) {
        // Outside the lock, or the thread that this wakes would run into it.
        handler.release()->deliver(std::move(outcome));
        --posting_;
        posting_.notify_all();
    }
}

PendingHandlerPtr PendingHandlers::remove(PostingReceiver& receiver) noexcept
{
    const std::lock_guard lock{mutex_};
    return take(receiver);
}

PendingHandlerPtr PendingHandlers::take(PostingReceiver& receiver) noexcept
{
    PendingHandlerPtr handler{std::exchange(receiver.handler_, nullptr)};
    if (handler) {
        handlers_.erase(handlers_.iterator_to(*handler));
    }
    return handler;
}

void PendingHandlers::close() noexcept
{
    for (;;) {
        PendingHandlerPtr handler;
        std::shared_ptr<Call> call;
        {
            const std::lock_guard lock{mutex_};
            closed_ = true;
            if (handlers_.empty()) {
                break;
            }
            PostingReceiver& receiver = *handlers_.front().receiver;
            handler = take(receiver);
            call = receiver.call_.lock();
        }
        // Outside the lock: what the handler owns may be a client, whose end waits for the I/O thread.
        if (call) {
            call->cancel();
        }
    }
    while (const std::size_t posting = posting_.load()) {
        posting_.wait(posting);
    }
}

namespace {

/// Tells a context's pending handlers when it ends.
class PendingHandlersService final : public boost::asio::execution_context::service
{
public:
    static inline boost::asio::execution_context::id id;

    explicit PendingHandlersService(boost::asio::execution_context& context)
        : service(context)
    {
    }

    [[nodiscard]] std::shared_ptr<PendingHandlers> handlers() const noexcept { return handlers_; }

private:
    void shutdown() noexcept override { handlers_->close(); }

    // Shared with the receivers, which may outlive the context.
    const std::shared_ptr<PendingHandlers> handlers_ = std::make_shared<PendingHandlers>();
};

std::shared_ptr<PendingHandlers> pending_handlers_of(boost::asio::execution_context* context)
{
    return context == nullptr ? std::make_shared<PendingHandlers>()
                              : boost::asio::use_service<PendingHandlersService>(*context).handlers();
}

} // namespace

PendingHandler::~PendingHandler() = default;

std::unique_ptr<Receiver> receiver_for(PendingHandlerPtr handler, const std::shared_ptr<Call>& call)
{
    auto pending = pending_handlers_of(handler->context());
    auto receiver = std::make_unique<PostingReceiver>(pending, call);
    const auto refused = pending->add(std::move(handler), *receiver);
    return receiver;
}

} // namespace drukbox::inline v0::detail
