#pragma once

#include "service/runtime/signal.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace drukbox::service {

/// Answers questions that wait at the same moment together: where an answer is a round trip away, all of them
/// share it. While batches are under way the next one gathers, so that nobody waits for company. All on one
/// thread.
template <class Question, class Answer>
class Batcher
{
public:
    /// Gives an answer to each question, in their order. What it throws, everyone who asked gets.
    using AnswerAll = std::function<boost::asio::awaitable<std::vector<Answer>>(std::vector<Question>)>;

    /// At most `width` batches of at most `most` questions are under way at once.
    Batcher(boost::asio::any_io_executor executor, std::size_t width, std::size_t most, AnswerAll answer_all)
        : executor_(std::move(executor))
        , width_(width)
        , most_(most)
        , answer_all_(std::move(answer_all))
    {
    }

    Batcher(const Batcher&) = delete;
    Batcher& operator=(const Batcher&) = delete;

    boost::asio::awaitable<Answer> ask(Question question)
    {
        if (gathering_.empty() || gathering_.back()->questions.size() == most_) {
            gathering_.push_back(std::make_shared<Batch>(executor_));
        }
        const auto batch = gathering_.back();
        const auto place = batch->questions.size();
        batch->questions.push_back(std::move(question));
        if (running_ < width_) {
            ++running_;
            boost::asio::co_spawn(executor_, run(), boost::asio::detached);
        }
        co_await batch->answered.wait();
        if (batch->failure) {
            std::rethrow_exception(batch->failure);
        }
        co_return std::move(batch->answers[place]);
    }

private:
    struct Batch
    {
        explicit Batch(const boost::asio::any_io_executor& executor)
            : answered(executor)
        {
        }

        std::vector<Question> questions;
        std::vector<Answer> answers;
        std::exception_ptr failure;
        Signal answered;
    };

    boost::asio::awaitable<void> run()
    {
        // Behind the requests that have come in already: theirs are questions of the first batch.
        co_await boost::asio::post(executor_, boost::asio::use_awaitable);
        while (!gathering_.empty()) {
            const auto batch = gathering_.front();
            gathering_.pop_front();
            try {
                batch->answers = co_await answer_all_(std::move(batch->questions));
            } catch (...) {
                batch->failure = std::current_exception();
            }
            batch->answered.set();
        }
        --running_;
    }

    boost::asio::any_io_executor executor_;
    std::size_t width_;
    std::size_t most_;
    AnswerAll answer_all_;
    std::size_t running_ = 0;
    std::deque<std::shared_ptr<Batch>> gathering_;
};

} // namespace drukbox::service
