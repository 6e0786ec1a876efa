#pragma once

#include <drukbox/testing/answer.hpp>

#include <string>
#include <vector>

namespace drukbox::inline v0::testing::detail {

/// What the service's own parts may see of an answer.
class AnswerAccess
{
public:
    using Action = Answer::Action;
    using Step = Answer::Step;

    [[nodiscard]] static bool is_genuine(const Answer& answer)
    {
        return answer.kind_ == Answer::Kind::genuine;
    }

    [[nodiscard]] static bool is_raw(const Answer& answer) { return answer.kind_ == Answer::Kind::raw; }

    [[nodiscard]] static const std::vector<Step>& steps(const Answer& answer) { return answer.steps_; }

    /// A genuine answer, filled in.
    [[nodiscard]] static Answer filled(Answer answer, Answer content)
    {
        answer.kind_ = content.kind_;
        answer.status_ = content.status_;
        answer.headers_.insert(answer.headers_.begin(), content.headers_.begin(), content.headers_.end());
        answer.body_ = std::move(content.body_);
        return answer;
    }

    /// What goes over the wire.
    [[nodiscard]] static std::string bytes(const Answer& answer);
};

} // namespace drukbox::inline v0::testing::detail
