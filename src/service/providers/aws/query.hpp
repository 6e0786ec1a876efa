#pragma once

#include "service/providers/aws/credentials/credentials.hpp"
#include "service/remote/api_client.hpp"

#include <string>
#include <string_view>

namespace drukbox::service::aws {

/// A call of Amazon's query protocol: a form with an action, and its parameters.
class Query
{
public:
    Query(std::string_view action, std::string_view version);

    Query& add(std::string_view name, std::string_view value);

    [[nodiscard]] const std::string& action() const noexcept { return action_; }

    /// Of calls that change nothing `idempotent` is true.
    [[nodiscard]] ApiRequest request(bool idempotent) const;

private:
    std::string action_;
    std::string form_;
};

/// Has a request signed with these credentials, which no error repeats.
void sign(ApiRequest& request, const Credentials& credentials, const std::string& region,
          std::string_view service);

/// Throws what a failed answer means: ProviderError, with the service's own words.
[[noreturn]] void throw_refusal(const ApiAnswer& answer, std::string_view doing);

/// A call that a service of Amazon refused for what it asks, and its code for that.
class Refused : public ProviderError
{
public:
    Refused(const std::string& message, std::string code)
        : ProviderError(message)
        , code_(std::move(code))
    {
    }

    [[nodiscard]] const std::string& code() const noexcept { return code_; }

private:
    std::string code_;
};

} // namespace drukbox::service::aws
