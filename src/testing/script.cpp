#include "testing/script.hpp"

#include <utility>

namespace drukbox::inline v0::testing::detail {

void Script::add(std::optional<Operation> operation, Answer answer)
{
    next_[operation].push_back(std::move(answer));
}

void Script::set_always(std::optional<Operation> operation, Answer answer)
{
    always_[operation] = std::move(answer);
}

void Script::clear()
{
    next_.clear();
    always_.clear();
}

Answer Script::take(std::optional<Operation> operation)
{
    for (const Key key : {operation, Key{}}) {
        if (auto answer = take_next(key)) {
            return *std::move(answer);
        }
    }
    for (const Key key : {operation, Key{}}) {
        if (auto answer = always(key)) {
            return *std::move(answer);
        }
    }
    return Answer::genuine();
}

std::optional<Answer> Script::take_next(Key key)
{
    const auto found = next_.find(key);
    if (found == next_.end() || found->second.empty()) {
        return std::nullopt;
    }
    Answer answer = std::move(found->second.front());
    found->second.pop_front();
    return answer;
}

std::optional<Answer> Script::always(Key key) const
{
    const auto found = always_.find(key);
    return found == always_.end() ? std::nullopt : std::optional{found->second};
}

} // namespace drukbox::inline v0::testing::detail
