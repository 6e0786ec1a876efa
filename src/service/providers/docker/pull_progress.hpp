#pragma once

#include "http/client/client.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace drukbox::service::docker {

/// What the engine tells while it pulls an image: a JSON object a line, an error among them too. Bytes come
/// in on any thread; everything else happens on one.
class PullProgress final : public http::BodySink
{
public:
    PullProgress() = default;

    void take(std::string_view data) noexcept override;

    /// Reads what has come in since the last time.
    void update();

    [[nodiscard]] std::size_t layers() const noexcept { return layers_.size(); }

    [[nodiscard]] std::int64_t bytes() const;
    [[nodiscard]] std::int64_t total() const;

    /// What ended the pull without an image, although the answer was a success.
    [[nodiscard]] const std::optional<std::string>& error() const noexcept { return error_; }

private:
    struct Layer
    {
        std::int64_t bytes = 0;
        std::int64_t total = 0;
    };

    void read_line(std::string_view line);

    std::mutex mutex_;
    std::string incoming_;
    std::string rest_;
    std::map<std::string, Layer> layers_;
    std::optional<std::string> error_;
};

} // namespace drukbox::service::docker
