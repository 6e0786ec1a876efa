#pragma once

#include <string>
#include <string_view>

namespace drukbox::sdk {

/// What kind of error an answer is; one class each in `drukbox/sandbox_error.hpp`.
enum class Judgement
{
    success,
    auth,
    not_found,
    conflict,
    validation,
    provisioning,
    unavailable,
    response
};

/// Whose error classes an answer gets.
enum class Dialect
{
    drukbox,
    litterbox_blocking,
    litterbox_polling
};

/// The error of a dialect that stands for a judgement.
[[nodiscard]] Judgement in_dialect(Judgement judgement, Dialect dialect) noexcept;

/// What an HTTP answer means.
class Verdict
{
public:
    Verdict() = default;

    Judgement judgement = Judgement::success;
    std::string message;    ///< Empty for a success.
    std::string error_code; ///< Where the answer has one.
};

/// Judges an answer by its status and, where that is none of 2xx, by its body. The body of a success is left
/// to whoever reads a record from it.
[[nodiscard]] Verdict judge(unsigned status, std::string_view body);

/// Whether an answer says that nothing was done, for now (429, 503): the same request may be made again.
[[nodiscard]] bool is_refused_for_now(unsigned status) noexcept;

/// The verdict on a success whose body is not JSON.
inline constexpr std::string_view not_json = "the service returned non-JSON output";

} // namespace drukbox::sdk
