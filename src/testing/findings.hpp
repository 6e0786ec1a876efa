#pragma once

#include <drukbox/testing/answer.hpp>

#include <boost/json/array.hpp>

#include <string_view>

namespace drukbox::inline v0::testing::detail {

/// Everything that is wrong with a request, in the order in which it was found: the body of a 422. No value
/// comes back in it: it may be a secret.
class Findings
{
public:
    Findings() = default;

    void add(std::string_view type, boost::json::array location, std::string_view message);

    /// A rule of the API that goes beyond the type.
    void add_rule(boost::json::array location, std::string_view message);

    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

    [[nodiscard]] Answer answer(std::string_view error_code = {}) const;

private:
    boost::json::array entries_;
};

} // namespace drukbox::inline v0::testing::detail
