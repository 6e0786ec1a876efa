#include "service/providers/docker/pull_progress.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace drukbox::service::docker {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_line = 64U << 10U;
constexpr std::size_t most_layers = 1000;
// No layer has more, and a thousand of them can still be summed up.
constexpr std::int64_t most_bytes = std::int64_t{1} << 50;

const json::string* text_at(const json::object& object, std::string_view key)
{
    const auto* value = object.if_contains(key);
    return value != nullptr ? value->if_string() : nullptr;
}

std::int64_t count_at(const json::object& object, std::string_view key)
{
    const auto* value = object.if_contains(key);
    const auto* number = value != nullptr ? value->if_int64() : nullptr;
    return number != nullptr ? std::clamp<std::int64_t>(*number, 0, most_bytes) : 0;
}

} // namespace

void PullProgress::take(std::string_view data) noexcept
{
    const std::lock_guard lock(mutex_);
    incoming_ += data;
}

void PullProgress::update()
{
    {
        const std::lock_guard lock(mutex_);
        rest_ += incoming_;
        incoming_.clear();
    }
    std::size_t begin = 0;
    for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
        read_line(std::string_view{rest_}.substr(begin, end - begin));
        begin = end + 1;
    }
    rest_.erase(0, begin);
    if (rest_.size() > longest_line) {
        rest_.clear();
    }
}

std::int64_t PullProgress::bytes() const
{
    std::int64_t sum = 0;
    for (const auto& [id, layer] : layers_) {
        sum += layer.bytes;
    }
    return sum;
}

std::int64_t PullProgress::total() const
{
    std::int64_t sum = 0;
    for (const auto& [id, layer] : layers_) {
        sum += layer.total;
    }
    return sum;
}

void PullProgress::read_line(std::string_view line)
{
    json::error_code failure;
    const auto value = json::parse(line, failure);
    const auto* object = failure ? nullptr : value.if_object();
    if (object == nullptr) {
        return;
    }
    if (const auto* error = text_at(*object, "error")) {
        error_ = std::string{*error};
    }
    const auto* id = text_at(*object, "id");
    const auto* status = text_at(*object, "status");
    const auto* detail = object->if_contains("progressDetail");
    if (id == nullptr || status == nullptr || *status != "Downloading" || detail == nullptr ||
        !detail->is_object() || (layers_.size() >= most_layers && !layers_.contains(std::string{*id}))) {
        return;
    }
    Layer& layer = layers_[std::string{*id}];
    layer.bytes = count_at(detail->get_object(), "current");
    layer.total = count_at(detail->get_object(), "total");
}

} // namespace drukbox::service::docker
