#include "testing/answer_access.hpp"
#include "testing/host_answer.hpp"
#include "wire/object_writer.hpp"

#include <boost/beast/http/status.hpp>

namespace drukbox::inline v0::testing {

Answer Answer::json(unsigned status, std::string body)
{
    return text(status, "application/json", std::move(body));
}

Answer Answer::text(unsigned status, std::string content_type, std::string body)
{
    Answer answer = empty(status).header("Content-Type", std::move(content_type));
    answer.body_ = std::move(body);
    return answer;
}

Answer Answer::empty(unsigned status)
{
    Answer answer;
    answer.kind_ = Kind::composed;
    answer.status_ = status;
    return answer;
}

Answer Answer::error(unsigned status, std::string_view detail, std::string_view error_code)
{
    std::string body;
    wire::ObjectWriter json{body};
    json.string("detail", detail);
    if (!error_code.empty()) {
        json.string("error_code", error_code);
    }
    json.close();
    return Answer::json(status, std::move(body));
}

Answer Answer::host(unsigned status, const SandboxHost& host)
{
    return detail::host_answer(status, wire::HostView::plain, host);
}

Answer Answer::hosts(const std::vector<SandboxHost>& hosts)
{
    return detail::hosts_answer(wire::HostView::plain, hosts);
}

Answer Answer::raw(std::string bytes)
{
    Answer answer;
    answer.kind_ = Kind::raw;
    answer.body_ = std::move(bytes);
    return answer;
}

Answer Answer::header(std::string name, std::string value) const
{
    Answer changed = *this;
    changed.headers_.emplace_back(std::move(name), std::move(value));
    return changed;
}

Answer Answer::held(Moment moment) const
{
    return with(moment, Action::hold, {});
}

Answer Answer::delayed(std::chrono::milliseconds pause, Moment moment) const
{
    return with(moment, Action::pause, pause);
}

Answer Answer::cut(Moment moment) const
{
    return with(moment, Action::cut, {});
}

Answer Answer::with(Moment moment, Action action, std::chrono::milliseconds pause) const
{
    Answer changed = *this;
    changed.steps_.push_back(Step{moment, action, pause});
    return changed;
}

namespace detail {

std::string AnswerAccess::bytes(const Answer& answer)
{
    if (is_raw(answer)) {
        return answer.body_;
    }
    const auto reason =
        boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(answer.status_));
    std::string bytes = "HTTP/1.1 " + std::to_string(answer.status_) + " " + std::string{reason} + "\r\n";
    for (const auto& [name, value] : answer.headers_) {
        bytes += name + ": " + value + "\r\n";
    }
    if (answer.status_ != 204) {
        bytes += "Content-Length: " + std::to_string(answer.body_.size()) + "\r\n";
    }
    return bytes += "\r\n" + answer.body_;
}

} // namespace detail

} // namespace drukbox::inline v0::testing
