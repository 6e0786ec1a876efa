#pragma once

#include "service/base/diagnosis.hpp"
#include "service/base/provider_error.hpp"
#include "service/base/redacted.hpp"
#include "service/records/http_proxy.hpp"
#include "wire/timestamp.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drukbox::service {

/// How big machines are. None: there is no such size, or nobody chose one.
class MachineSizes
{
public:
    MachineSizes() = default;

    MachineSizes(std::optional<std::string> type, std::optional<std::int64_t> disk)
        : instance_type(std::move(type))
        , disk_gb(disk)
    {
    }

    std::optional<std::string> instance_type;
    std::optional<std::int64_t> disk_gb;
};

/// What a machine is to be.
class VmSpec
{
public:
    VmSpec() = default;

    std::string name;  ///< The host's name: unique, what the machine is found by later.
    std::string image; ///< The effective image.
    std::optional<std::string> instance_type;
    std::optional<std::int64_t> disk_gb;
    std::map<std::string, Redacted> env;
    std::string authorized_key;  ///< The public half of the caller's key, one authorized_keys line.
    Redacted host_key;           ///< The machine's own SSH host key, OpenSSH PEM (ed25519).
    std::string host_public_key; ///< Its public half: `ssh-ed25519 AAAA…`.
    std::optional<wire::Timestamp> deadline; ///< When the machine may end itself; none: never.
    /// Joins the machine to the tailnet: a POSIX shell script to be run once, with `env` put in front as
    /// exports behind its shebang, by root or a user with passwordless sudo. Empty: the machine joins none.
    Redacted setup_script;
};

/// A machine that can be reached over SSH.
class Vm
{
public:
    Vm() = default;

    std::string name;
    std::string ssh_host; ///< Empty when only the tailnet leads to the machine.
    std::uint16_t ssh_port = 22;
    std::string ssh_username;
    std::string host_key;    ///< The spec's, when that is what it shows on every path; else empty.
    std::string known_hosts; ///< Lines for the address above.
};

/// A machine in a provider's inventory.
class VmSummary
{
public:
    VmSummary() = default;

    VmSummary(std::string vm_name, bool is_running, bool is_marked = true)
        : name(std::move(vm_name))
        , running(is_running)
        , marked(is_marked)
    {
    }

    std::string name;
    bool running = false; ///< False: only remains, which remove() cleans up.
    /// It carries the mark of this installation. False: it carries none, and is ours only where a host of
    /// ours has or had its name.
    bool marked = true;
};

/// HTTP proxies, at a provider that has them. They belong to the account: nothing of them is stored here, and
/// a machine's end leaves them.
class HttpProxyCapability
{
public:
    HttpProxyCapability() = default;
    HttpProxyCapability(const HttpProxyCapability&) = delete;
    HttpProxyCapability& operator=(const HttpProxyCapability&) = delete;
    virtual ~HttpProxyCapability() = default;

    /// Throws HttpProxyExists.
    [[nodiscard]] virtual boost::asio::awaitable<void> create_proxy(HttpProxySpec spec) = 0;

    /// Throws HttpProxyNotFound.
    [[nodiscard]] virtual boost::asio::awaitable<void> remove_proxy(std::string name) = 0;

    /// Both throw HttpProxyNotFound, or VmNotFound.
    [[nodiscard]] virtual boost::asio::awaitable<void> attach_proxy(std::string name, std::string vm) = 0;
    [[nodiscard]] virtual boost::asio::awaitable<void> detach_proxy(std::string name, std::string vm) = 0;
};

/// What a provider can do beyond the minimum.
class Capabilities
{
public:
    bool instance_type = false;
    bool disk_gb = false;
    bool mints_key =
        false; ///< create() installs `VmSpec::authorized_key`; the service hands out its private half.
    bool mints_key_on_tailnet = true; ///< The same of a machine that joins a tailnet.
    bool replaces_key = false;        ///< replace_key() works.
    bool one_line_env = false;        ///< The value of a variable must not hold a line's end, or NUL.
    /// Nobody but this service makes machines that list() shows, and they need no mark: one without a record
    /// is an orphan at once.
    bool exclusive_inventory = false;
    /// For how long after it was made a machine may be missing from list() and unknown to remove().
    std::chrono::seconds inventory_lag{60};
    bool setup_script =
        false; ///< create() delivers `VmSpec::setup_script`, so that machines can join a tailnet.
};

/// Where machines come from. Knows neither the store nor the routes. Everything runs on the service's reactor
/// thread; what blocks goes elsewhere. Every failure leaves as a ProviderError.
class Provider
{
public:
    Provider() = default;
    Provider(const Provider&) = delete;
    Provider& operator=(const Provider&) = delete;
    virtual ~Provider() = default;

    [[nodiscard]] virtual std::string_view name() const noexcept = 0;
    [[nodiscard]] virtual Capabilities capabilities() const noexcept = 0;
    [[nodiscard]] virtual std::string default_image() const = 0;

    /// What a machine gets for which the request names no sizes.
    [[nodiscard]] virtual MachineSizes default_sizes() const { return {}; }

    /// The hint that /doctor gives when diagnose() fails.
    [[nodiscard]] virtual std::string_view hint() const noexcept = 0;

    /// Warnings for the start of the service: missing programs, limits that do not hold here.
    [[nodiscard]] virtual std::vector<std::string> warnings() const { return {}; }

    /// Makes a machine. When it throws, the machine may or may not exist: remove() follows.
    [[nodiscard]] virtual boost::asio::awaitable<Vm> create(VmSpec spec) = 0;

    /// Waits until SSH answers on the machine; throws when it does not within the provider's own limit.
    [[nodiscard]] virtual boost::asio::awaitable<void> wait_until_reachable(const Vm& vm) = 0;

    /// Ends a machine and everything that belongs to it. Success when there is none. One that carries the
    /// mark of another installation is none.
    [[nodiscard]] virtual boost::asio::awaitable<void> remove(std::string name) = 0;

    /// Moves the time at which the machine ends itself, where the provider enforces one. Throws VmNotFound
    /// when the machine is known to be gone.
    [[nodiscard]] virtual boost::asio::awaitable<void>
    set_deadline(std::string name, std::optional<wire::Timestamp> deadline) = 0;

    /// Puts another key in the place of `VmSpec::authorized_key` on a running machine. Throws VmNotFound when
    /// the machine is known to be gone.
    [[nodiscard]] virtual boost::asio::awaitable<void> replace_key(std::string name,
                                                                   std::string authorized_key);

    /// All machines at the provider that carry our label and not the mark of another installation, in any
    /// state, remains included.
    [[nodiscard]] virtual boost::asio::awaitable<std::vector<VmSummary>> list() = 0;

    [[nodiscard]] virtual boost::asio::awaitable<Diagnosis> diagnose() = 0;

    /// Null where the provider has no proxies.
    [[nodiscard]] virtual HttpProxyCapability* http_proxies() noexcept { return nullptr; }
};

} // namespace drukbox::service
