#pragma once

#include <boost/json/array.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drukbox::wire {

/// What is wrong with a part of a request, as a 422 tells it. It never repeats a value, which may be a
/// secret.
class Finding
{
public:
    Finding(std::string kind, boost::json::array path, std::string text)
        : type(std::move(kind))
        , location(std::move(path))
        , message(std::move(text))
    {
    }

    std::string type;
    boost::json::array location; ///< The path to the value.
    std::string message;
};

/// Everything that is wrong with a request, in the order in which it was found. What reads a part of one adds
/// to them, and its result counts only when it has added nothing.
class Findings
{
public:
    Findings() = default;

    void add(std::string type, boost::json::array location, std::string message);

    /// A rule of ours that a value breaks: type `value_error`, the message after `Value error, `.
    void add_rule(boost::json::array location, std::string_view message);

    void add_mismatch(boost::json::array location, std::string_view pattern);

    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

    [[nodiscard]] auto begin() const noexcept { return entries_.begin(); }

    [[nodiscard]] auto end() const noexcept { return entries_.end(); }

    /// The body of the 422: all of them as `detail`, and an `error_code` where one is given.
    [[nodiscard]] std::string body(std::string_view error_code = {}) const;

private:
    std::vector<Finding> entries_;
};

/// `location` and one step more.
[[nodiscard]] boost::json::array below(const boost::json::array& location, std::string_view key);

} // namespace drukbox::wire
