#pragma once

#include "service/providers/aws/aws_settings.hpp"
#include "service/providers/aws/query.hpp"
#include "service/providers/provider.hpp"

#include <string>
#include <string_view>

namespace drukbox::service::aws {

inline constexpr std::string_view ec2_version = "2016-11-15";
inline constexpr std::string_view owner_tag = "managed-by";
inline constexpr std::string_view name_tag = "drukbox-host-name";

/// Whether the machine is reached by the tailnet alone: it then needs no key pair, no group and no public
/// address.
[[nodiscard]] bool joins_tailnet(const VmSpec& spec);

/// The name of the key pair that belongs to a machine.
[[nodiscard]] std::string key_pair_name(std::string_view machine);

/// What a machine is told at its first boot. Throws ProviderError when it is more than EC2 carries.
[[nodiscard]] Redacted boot_data(const VmSpec& spec);

/// The call that makes a machine. The group is that of a machine with a public address.
[[nodiscard]] Query launch_query(const AwsSettings& settings, const VmSpec& spec, std::string_view image_id,
                                 std::string_view security_group, const Redacted& boot_data);

/// The call that makes the caller's key known, for that machine.
[[nodiscard]] Query import_key_query(const AwsSettings& settings, const VmSpec& spec);

/// Tags what a call makes as ours. `kind` is EC2's name of it; a blank machine belongs to no host.
void add_tags(Query& query, int number, std::string_view kind, const AwsSettings& settings,
              std::string_view machine);

} // namespace drukbox::service::aws
