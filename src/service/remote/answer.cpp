#include "service/remote/answer.hpp"

#include <boost/json.hpp>

namespace drukbox::service {
namespace {

constexpr std::size_t longest_message = 500;
constexpr std::size_t shortest_secret = 4;

} // namespace

AnswerReader AnswerReader::at(std::string_view key) const
{
    auto found = find(key);
    if (!found) {
        fail(below(key), "is missing");
    }
    return std::move(*found);
}

std::optional<AnswerReader> AnswerReader::find(std::string_view key) const
{
    if (!json_->is_object()) {
        fail(path_, "is not an object");
    }
    const auto& object = json_->get_object();
    const auto found = object.find(key);
    if (found == object.end() || found->value().is_null()) {
        return std::nullopt;
    }
    return AnswerReader{provider_, found->value(), below(key)};
}

std::string AnswerReader::text() const
{
    if (!json_->is_string()) {
        fail(path_, "is not a string");
    }
    return std::string{json_->get_string()};
}

std::int64_t AnswerReader::integer() const
{
    boost::system::error_code error;
    const auto number = json_->to_number<std::int64_t>(error);
    if (error) {
        fail(path_, "is not a whole number");
    }
    return number;
}

bool AnswerReader::boolean() const
{
    if (!json_->is_bool()) {
        fail(path_, "is neither true nor false");
    }
    return json_->get_bool();
}

std::vector<AnswerReader> AnswerReader::items() const
{
    if (!json_->is_array()) {
        fail(path_, "is not a list");
    }
    std::vector<AnswerReader> result;
    for (const auto& item : json_->get_array()) {
        result.push_back(AnswerReader{provider_, item, path_ + "[" + std::to_string(result.size()) + "]"});
    }
    return result;
}

std::vector<std::pair<std::string, AnswerReader>> AnswerReader::members() const
{
    if (!json_->is_object()) {
        fail(path_, "is not an object");
    }
    std::vector<std::pair<std::string, AnswerReader>> result;
    for (const auto& member : json_->get_object()) {
        result.emplace_back(member.key(), AnswerReader{provider_, member.value(), below(member.key())});
    }
    return result;
}

std::string AnswerReader::below(std::string_view key) const
{
    return path_.empty() ? std::string{key} : path_ + "." + std::string{key};
}

void AnswerReader::fail(std::string_view path, std::string_view problem) const
{
    const std::string where = path.empty() ? "the answer" : std::string{path.substr(0, 200)};
    throw MalformedAnswer(provider_, "answered something unexpected: " + where + " " + std::string{problem});
}

boost::json::value parse_answer(std::string_view provider, std::string_view body)
{
    boost::system::error_code error;
    auto json = boost::json::parse(body, error);
    if (error) {
        throw MalformedAnswer(provider, body.empty() ? "answered nothing where JSON was expected"
                                                     : "answered something that is not JSON");
    }
    return json;
}

std::string presentable(std::string_view text, const std::vector<Redacted>& secrets)
{
    std::string result{text};
    for (const auto& secret : secrets) {
        const auto& value = secret.reveal();
        // Shorter ones say nothing, and would make the text unreadable.
        if (value.size() < shortest_secret) {
            continue;
        }
        for (auto at = result.find(value); at != std::string::npos; at = result.find(value, at)) {
            result.replace(at, value.size(), "<redacted>");
            at += std::string_view{"<redacted>"}.size();
        }
    }
    for (char& c : result) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            c = ' ';
        }
    }
    if (result.size() > longest_message) {
        auto end = longest_message;
        // Not within a character of several bytes.
        while (end > 0 && (static_cast<unsigned char>(result[end]) & 0xC0U) == 0x80U) {
            --end;
        }
        result.resize(end);
        result += "…";
    }
    const auto last = result.find_last_not_of(' ');
    result.erase(last == std::string::npos ? 0 : last + 1);
    return result;
}

} // namespace drukbox::service
