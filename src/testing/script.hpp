#pragma once

#include <drukbox/testing/answer.hpp>
#include <drukbox/testing/operation.hpp>

#include <deque>
#include <map>
#include <optional>

namespace drukbox::inline v0::testing::detail {

/// Which answer a request gets. Not thread safe.
class Script
{
public:
    Script() = default;

    /// No operation: for any request.
    void add(std::optional<Operation> operation, Answer answer);
    void set_always(std::optional<Operation> operation, Answer answer);
    void clear();

    /// The answer to a request for that operation, or for none.
    [[nodiscard]] Answer take(std::optional<Operation> operation);

private:
    using Key = std::optional<Operation>;

    [[nodiscard]] std::optional<Answer> take_next(Key key);
    [[nodiscard]] std::optional<Answer> always(Key key) const;

    std::map<Key, std::deque<Answer>> next_;
    std::map<Key, Answer> always_;
};

} // namespace drukbox::inline v0::testing::detail
