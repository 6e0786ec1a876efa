#include "service/runtime/batcher.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <stdexcept>

namespace drukbox::service {
namespace {

class BatcherTest : public ::testing::Test
{
protected:
    using Numbers = Batcher<int, int>;

    /// Answers with the square, once `gate` is set.
    boost::asio::awaitable<std::vector<int>> answer(std::vector<int> numbers)
    {
        sizes.push_back(numbers.size());
        co_await gate.wait();
        if (broken) {
            throw std::runtime_error("broken");
        }
        for (auto& number : numbers) {
            number *= number;
        }
        co_return numbers;
    }

    void ask(Numbers& batcher, int number)
    {
        boost::asio::co_spawn(io, batcher.ask(number),
                              [this, number](std::exception_ptr failure, int square) {
                                  if (failure) {
                                      ++failures;
                                  } else {
                                      EXPECT_EQ(square, number * number);
                                      ++answers;
                                  }
                              });
    }

    Numbers make(std::size_t width, std::size_t most)
    {
        return Numbers{io.get_executor(), width, most,
                       [this](std::vector<int> numbers) { return answer(std::move(numbers)); }};
    }

    boost::asio::io_context io{1};
    Signal gate{io.get_executor()};
    std::vector<std::size_t> sizes;
    bool broken = false;
    int answers = 0;
    int failures = 0;
};

TEST_F(BatcherTest, AnswersTogetherWhatWaitsAtTheSameMoment)
{
    auto batcher = make(1, 100);
    for (int i = 0; i < 5; ++i) {
        ask(batcher, i);
    }
    io.poll();
    for (int i = 5; i < 12; ++i) {
        ask(batcher, i);
    }
    io.poll();
    gate.set();
    io.run();
    EXPECT_EQ(answers, 12);
    EXPECT_EQ(sizes, (std::vector<std::size_t>{5, 7}));
}

TEST_F(BatcherTest, KeepsBatchesToTheirSizeAndNumber)
{
    auto batcher = make(2, 3);
    for (int i = 0; i < 10; ++i) {
        ask(batcher, i);
    }
    io.poll();
    EXPECT_EQ(sizes, (std::vector<std::size_t>{3, 3}));
    gate.set();
    io.run();
    EXPECT_EQ(answers, 10);
    EXPECT_EQ(sizes, (std::vector<std::size_t>{3, 3, 3, 1}));
}

TEST_F(BatcherTest, TellsEverybodyOfAFailureAndGoesOn)
{
    auto batcher = make(1, 100);
    broken = true;
    gate.set();
    ask(batcher, 1);
    ask(batcher, 2);
    io.run();
    EXPECT_EQ(failures, 2);
    broken = false;
    io.restart();
    ask(batcher, 3);
    io.run();
    EXPECT_EQ(answers, 1);
}

} // namespace
} // namespace drukbox::service
