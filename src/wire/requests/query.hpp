#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drukbox::wire {

/// The query of a request target, decoded.
class Query
{
public:
    explicit Query(std::string_view target);

    /// The last value of that name.
    [[nodiscard]] std::optional<std::string> find(std::string_view name) const;

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

} // namespace drukbox::wire
