#pragma once

#include "service/base/provider_error.hpp"
#include "service/base/redacted.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::service {

/// A provider answered what cannot be understood.
class MalformedAnswer : public ProviderError
{
public:
    MalformedAnswer(std::string_view provider, std::string_view problem)
        : ProviderError(std::string{provider} + " " + std::string{problem})
    {
    }
};

/// A place in a provider's JSON answer. Every step throws MalformedAnswer, with the provider's name and the
/// path, when what is asked for is not there. The JSON must outlive it.
class AnswerReader
{
public:
    AnswerReader(std::string provider, const boost::json::value& json)
        : AnswerReader(std::move(provider), json, "")
    {
    }

    /// A member that must be there and not be null.
    [[nodiscard]] AnswerReader at(std::string_view key) const;

    /// Nothing when the member is absent or null.
    [[nodiscard]] std::optional<AnswerReader> find(std::string_view key) const;

    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::int64_t integer() const;
    [[nodiscard]] bool boolean() const;
    [[nodiscard]] std::vector<AnswerReader> items() const;

    /// The members of an object.
    [[nodiscard]] std::vector<std::pair<std::string, AnswerReader>> members() const;

private:
    AnswerReader(std::string provider, const boost::json::value& json, std::string path)
        : provider_(std::move(provider))
        , json_(&json)
        , path_(std::move(path))
    {
    }

    [[nodiscard]] std::string below(std::string_view key) const;
    [[noreturn]] void fail(std::string_view path, std::string_view problem) const;

    std::string provider_;
    const boost::json::value* json_;
    std::string path_;
};

/// Parses a body. Throws MalformedAnswer for what is not JSON: a gateway's page, nothing at all.
[[nodiscard]] boost::json::value parse_answer(std::string_view provider, std::string_view body);

/// What a provider says about a failure, fit for a caller to see: one line without control characters, of
/// bounded length, each of the secrets replaced.
[[nodiscard]] std::string presentable(std::string_view text, const std::vector<Redacted>& secrets);

} // namespace drukbox::service
