#pragma once

#include "service/providers/local/image.hpp"
#include "service/providers/local/local_settings.hpp"
#include "service/providers/provider.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace drukbox::service::local {

/// The uid and gid that the sandbox's user has inside, whatever it is outside.
inline constexpr std::uint32_t inside_uid = 1000;

/// Writes a sandbox's /etc into the empty directory `directory`: a small one of its own. Of this machine's it
/// takes what programs need and what holds no secret; an image's is reached by links. `own_uid`
/// says that the sandbox is to have a host uid of its own. Returns what is still to be bound below it, as
/// names relative to /etc.
[[nodiscard]] std::vector<std::string> write_sandbox_etc(int directory, const Image& image,
                                                         const VmSpec& spec, const LocalSettings& settings,
                                                         bool own_uid);

/// The name servers that a sandbox behind NAT can use: IPv4, neither loopback nor link-local.
[[nodiscard]] std::vector<std::string> usable_nameservers(const std::string& resolv_conf);

/// Those of this machine, systemd-resolved's upstream ones where it is in between.
[[nodiscard]] std::vector<std::string> find_nameservers();

} // namespace drukbox::service::local
