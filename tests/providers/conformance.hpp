#pragma once

#include "service/providers/provider.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace drukbox::test {

/// A provider under the conformance test, and the ways to make its calls fail.
class ConformanceSubject
{
public:
    ConformanceSubject() = default;
    ConformanceSubject(const ConformanceSubject&) = delete;
    ConformanceSubject& operator=(const ConformanceSubject&) = delete;
    virtual ~ConformanceSubject() = default;

    /// Why this provider cannot be tried on this machine at all.
    [[nodiscard]] virtual std::optional<std::string> unavailable() const { return std::nullopt; }

    /// The provider of the installation with this id; empty: of a service that marks nothing.
    [[nodiscard]] virtual std::unique_ptr<service::Provider> make(boost::asio::any_io_executor reactor,
                                                                  boost::asio::thread_pool& blocking,
                                                                  const std::string& installation) = 0;

    /// From now on a create fails at this step, counted from 0, before it is done. False when a create has no
    /// such step.
    [[nodiscard]] virtual bool fail_create_at(std::size_t step) = 0;

    /// From now on the call that makes a machine is carried out, and its answer lost. False when there is no
    /// such call: the machine is made in this process.
    [[nodiscard]] virtual bool lose_the_answer() = 0;

    /// From now on everything works again.
    virtual void heal() = 0;

    /// Where SSH ends at the provider's edge, which has host keys of its own and lets in the account's key
    /// instead of the caller's: that key.
    [[nodiscard]] virtual std::optional<service::Redacted> account_key() const { return std::nullopt; }

    /// Whether the value of a variable may hold a newline; where not, a create is refused.
    [[nodiscard]] virtual bool carries_newlines() const { return true; }
};

using SubjectFactory = std::function<std::unique_ptr<ConformanceSubject>()>;

/// What every provider does alike. A provider's tests bring it to life:
/// `INSTANTIATE_TEST_SUITE_P(Docker, ProviderConformance, testing::Values(make_docker_subject))`.
class ProviderConformance : public testing::TestWithParam<SubjectFactory>
{
};

} // namespace drukbox::test
