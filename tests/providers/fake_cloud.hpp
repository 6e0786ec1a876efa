#pragma once

#include "posix/unique_fd.hpp"
#include "support/peer.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include <sys/types.h>

namespace drukbox::test {

/// A fake cloud of tests/providers as a program of its own, which ends with this.
class FakeCloud
{
public:
    /// `script` is its path below tests/providers.
    explicit FakeCloud(const std::string& script);
    FakeCloud(const FakeCloud&) = delete;
    FakeCloud& operator=(const FakeCloud&) = delete;
    ~FakeCloud();

    /// Why this machine cannot give it machines.
    [[nodiscard]] static std::optional<std::string> unavailable();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    [[nodiscard]] Peer connect() const { return Peer::connect(port_); }

    /// Tells it how to behave: see fake_cloud.py.
    void control(const std::string& json) const;

    /// What it was asked so far, as JSON.
    [[nodiscard]] std::string requests() const;

private:
    pid_t pid_ = -1;
    posix::UniqueFd input_;
    std::uint16_t port_ = 0;
};

} // namespace drukbox::test
