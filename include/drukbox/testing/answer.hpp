#pragma once

#include <drukbox/export.hpp>
#include <drukbox/sandbox_host.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drukbox::inline v0::testing {

namespace detail {
class AnswerAccess;
}

/// A moment in the life of an answer, at which it can be held, delayed or cut off. The request has been read
/// as a whole by then.
enum class Moment
{
    before_answer, ///< Before its first byte.
    in_head,       ///< In the middle of the status line and the headers.
    in_body,       ///< In the middle of the body; without a body, two bytes before the end of the head.
};

/// What the fake service does with a request: an answer, and what becomes of it on the way. The functions
/// that are not static return a changed copy, so that they chain:
///
///     service.answer(Answer::error(503, "maintenance").delayed(20ms));
///     service.answer(Operation::create_host, Answer::genuine().cut());
///
/// Thread safety: a value; distinct objects may be used from distinct threads.
class DRUKBOX_API Answer
{
public:
    /// The same as genuine().
    Answer() = default;

    /// What the service itself answers, having done what the request asks for (see ServiceState). Cut before
    /// it is sent, it is the answer that gets lost: the host exists, and the caller does not know.
    [[nodiscard]] static Answer genuine() { return {}; }

    /// A whole answer with a JSON body, which is sent as it is given.
    [[nodiscard]] static Answer json(unsigned status, std::string body);

    /// A whole answer of another media type: a gateway's page, say.
    [[nodiscard]] static Answer text(unsigned status, std::string content_type, std::string body);

    /// A status line and headers that announce no body.
    [[nodiscard]] static Answer empty(unsigned status);

    /// The service's form of an error: `{"detail": ..., "error_code": ...}`, the latter only where it is not
    /// empty.
    [[nodiscard]] static Answer error(unsigned status, std::string_view detail,
                                      std::string_view error_code = {});

    /// The record of a host.
    [[nodiscard]] static Answer host(unsigned status, const SandboxHost& host);

    /// 200 and the records of hosts.
    [[nodiscard]] static Answer hosts(const std::vector<SandboxHost>& hosts);

    /// These bytes, whatever they are, and then the connection is closed. The first empty line in them counts
    /// as the end of the head.
    [[nodiscard]] static Answer raw(std::string bytes);

    /// The connection is closed without a byte.
    [[nodiscard]] static Answer drop() { return raw(""); }

    /// With one more header. Nothing is added to raw().
    [[nodiscard]] Answer header(std::string name, std::string value) const;

    /// Not before FakeService::release() or FakeService::release_one(). When the client closes the connection
    /// instead, the answer is given up.
    [[nodiscard]] Answer held(Moment moment = Moment::before_answer) const;

    /// After a pause. When the client closes the connection meanwhile, the answer is given up. Precondition:
    /// not negative.
    [[nodiscard]] Answer delayed(std::chrono::milliseconds pause,
                                 Moment moment = Moment::before_answer) const;

    /// Closed at that moment, after what else is to happen at it.
    [[nodiscard]] Answer cut(Moment moment = Moment::before_answer) const;

private:
    friend class detail::AnswerAccess;

    enum class Kind
    {
        genuine,
        composed,
        raw
    };
    enum class Action
    {
        hold,
        pause,
        cut
    };

    class Step
    {
    public:
        Moment moment;
        Action action;
        std::chrono::milliseconds pause;
    };

    [[nodiscard]] Answer with(Moment moment, Action action, std::chrono::milliseconds pause) const;

    Kind kind_ = Kind::genuine;
    unsigned status_ = 0;
    std::vector<std::pair<std::string, std::string>> headers_;
    std::string body_;
    std::vector<Step> steps_;
};

} // namespace drukbox::inline v0::testing
