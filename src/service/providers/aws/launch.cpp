#include "service/providers/aws/launch.hpp"

#include "service/providers/support/installation_mark.hpp"
#include "service/providers/support/user_data.hpp"

namespace drukbox::service::aws {
namespace {

// EC2's limit, before it is encoded.
constexpr std::size_t most_user_data = 16'384;

void add_root_disk(Query& query, std::int64_t gigabytes)
{
    const std::string disk = "BlockDeviceMapping.1.";
    query.add(disk + "DeviceName", "/dev/sda1");
    query.add(disk + "Ebs.VolumeSize", std::to_string(gigabytes));
    query.add(disk + "Ebs.VolumeType", "gp3");
    query.add(disk + "Ebs.Encrypted", "true");
    query.add(disk + "Ebs.DeleteOnTermination", "true");
}

/// The group and the subnet belong to the interface, once it asks for a public address.
void add_network(Query& query, const AwsSettings& settings, std::string_view security_group)
{
    const std::string interface = "NetworkInterface.1.";
    query.add(interface + "DeviceIndex", "0");
    query.add(interface + "AssociatePublicIpAddress", "true");
    query.add(interface + "DeleteOnTermination", "true");
    query.add(interface + "SecurityGroupId.1", security_group);
    if (!settings.subnet_id.empty()) {
        query.add(interface + "SubnetId", settings.subnet_id);
    }
}

} // namespace

bool joins_tailnet(const VmSpec& spec)
{
    return !spec.setup_script.empty();
}

std::string key_pair_name(std::string_view machine)
{
    return "drukbox-" + std::string{machine};
}

Redacted boot_data(const VmSpec& spec)
{
    refuse_nul("aws", spec.env);
    UserData data;
    data.host_key = spec.host_key;
    data.host_public_key = spec.host_public_key;
    data.env = spec.env;
    data.setup_script = spec.setup_script.reveal();
    Redacted result = cloud_config(data);
    if (result.reveal().size() > most_user_data) {
        throw ProviderError("aws carries at most 16 KiB of user data: the variables in env are too long");
    }
    return result;
}

Query launch_query(const AwsSettings& settings, const VmSpec& spec, std::string_view image_id,
                   std::string_view security_group, const Redacted& boot_data)
{
    Query query{"RunInstances", ec2_version};
    query.add("ImageId", image_id);
    query.add("InstanceType", spec.instance_type.value_or(settings.instance_type));
    query.add("MinCount", "1").add("MaxCount", "1");
    // The same call once more makes no second machine.
    query.add("ClientToken", spec.name);
    query.add("UserData", base64(boot_data.reveal()));
    add_root_disk(query, spec.disk_gb.value_or(settings.root_gb));
    query.add("MetadataOptions.HttpTokens", "required");
    query.add("MetadataOptions.HttpPutResponseHopLimit", "1");
    if (joins_tailnet(spec)) {
        if (!settings.subnet_id.empty()) {
            query.add("SubnetId", settings.subnet_id);
        }
    } else {
        query.add("KeyName", key_pair_name(spec.name));
        add_network(query, settings, security_group);
    }
    if (const auto& profile = settings.instance_profile; !profile.empty()) {
        query.add(profile.starts_with("arn:") ? "IamInstanceProfile.Arn" : "IamInstanceProfile.Name",
                  profile);
    }
    add_tags(query, 1, "instance", settings, spec.name);
    add_tags(query, 2, "volume", settings, spec.name);
    return query;
}

Query import_key_query(const AwsSettings& settings, const VmSpec& spec)
{
    Query query{"ImportKeyPair", ec2_version};
    query.add("KeyName", key_pair_name(spec.name));
    query.add("PublicKeyMaterial", base64(spec.authorized_key));
    add_tags(query, 1, "key-pair", settings, spec.name);
    return query;
}

void add_tags(Query& query, int number, std::string_view kind, const AwsSettings& settings,
              std::string_view machine)
{
    const std::string prefix = "TagSpecification." + std::to_string(number) + ".";
    query.add(prefix + "ResourceType", kind);
    int count = 0;
    const auto add = [&](std::string_view key, std::string_view value) {
        const std::string tag = prefix + "Tag." + std::to_string(++count) + ".";
        query.add(tag + "Key", key).add(tag + "Value", value);
    };
    add(owner_tag, settings.service_label);
    if (!machine.empty()) {
        add("Name", machine);
        add(name_tag, machine);
        if (!settings.installation.empty()) {
            add(installation_label, settings.installation);
        }
    }
}

} // namespace drukbox::service::aws
