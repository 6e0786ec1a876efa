#pragma once

#include "service/providers/provider.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::service::exe {

inline constexpr std::string_view provider_name = "exe";

/// What `new` has made.
class NewVm
{
public:
    NewVm() = default;

    std::string name;
    std::string ssh_host;
    std::string ssh_username; ///< Only where the routing of exe.dev requires one: `user@` before the host.
    std::uint16_t ssh_port = 22;
};

/// A VM in a list.
class ListedVm
{
public:
    ListedVm() = default;

    std::string name;
    std::string installation; ///< Of the tag that names one; empty: it has none.
};

/// The tag of what an installation has made.
[[nodiscard]] std::string installation_tag(std::string_view installation);

// Each reads the output of a command that succeeded, and throws MalformedAnswer. Output may be several JSON
// objects, one a line: a later one adds to those before it.

[[nodiscard]] NewVm parse_new(std::string_view output);

/// The VMs that carry this tag. Refuses a list that tells nothing about the tags of what is
/// ours by its name: it would make every host look lost.
[[nodiscard]] std::vector<ListedVm> parse_list(std::string_view output, std::string_view tag);

/// The VM of this name in a list, whatever tags it carries.
[[nodiscard]] std::optional<ListedVm> find_vm(std::string_view output, std::string_view name);

/// Of `whoami`: the account's e-mail address.
[[nodiscard]] std::string parse_whoami(std::string_view output);

/// The text of a command's failure: what is JSON's `error` or `message` in it, else all of it.
[[nodiscard]] std::string failure_text(std::string_view output);

/// A `not found` of exe.dev that means a proxy, not a VM.
[[nodiscard]] bool is_proxy_not_found(std::string_view failure);
[[nodiscard]] bool is_vm_not_found(std::string_view failure);
[[nodiscard]] bool is_already_there(std::string_view failure);

} // namespace drukbox::service::exe
