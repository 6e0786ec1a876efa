#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drukbox::service::front {

/// Names requests: `X-Request-Id` of the answer and `request_id` of the log lines.
class RequestIds
{
public:
    static constexpr std::string_view header = "X-Request-Id";

    RequestIds();

    /// The name that the caller gave the request, where it is one to be written down: 1 to 128 characters of
    /// `A-Za-z0-9_-:.`; else a new one, of which no two are alike in any process.
    [[nodiscard]] std::string name(std::optional<std::string_view> given);

private:
    std::array<char, 16> process_{};
    std::uint64_t next_ = 0;
};

} // namespace drukbox::service::front
