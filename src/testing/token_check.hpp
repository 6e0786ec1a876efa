#pragma once

#include <drukbox/testing/answer.hpp>
#include <drukbox/testing/recorded_request.hpp>

#include <optional>
#include <string_view>

namespace drukbox::inline v0::testing::detail {

/// The refusal of a request that does not carry the token; an empty one asks for none.
[[nodiscard]] std::optional<Answer> refusal(const RecordedRequest& request, std::string_view token);

} // namespace drukbox::inline v0::testing::detail
