#include "service/providers/support/user_data.hpp"

#include "service/providers/support/shell.hpp"

#include <boost/json.hpp>
#include <sodium.h>

namespace drukbox::service {
namespace {

namespace json = boost::json;

// Login shells read the directory everywhere. For the command of an SSH session, bash reads the file that the
// second line names on Debian and its kin, and /etc/profile.d again on Fedora and its kin.
constexpr std::string_view environment_file = "/etc/profile.d/drukbox-environment.sh";
constexpr std::string_view show_in_bash =
    "f=/etc/bash.bashrc; [ ! -w $f ] || grep -q drukbox-environment $f || "
    "sed -i '1i [ ! -r /etc/profile.d/drukbox-environment.sh ] || . /etc/profile.d/drukbox-environment.sh' "
    "$f";
constexpr std::string_view setup_file = "/var/lib/drukbox/setup";

// A shell within a session must not undo what the session has changed.
constexpr std::string_view once = "[ -z \"${DRUKBOX_ENVIRONMENT-}\" ] || return 0\n"
                                  "export DRUKBOX_ENVIRONMENT=1\n";

/// Any bytes at all: YAML could not hold every one of them.
json::object file(std::string_view path, std::string_view mode, const Redacted& content)
{
    json::object result;
    result["path"] = path;
    result["permissions"] = mode;
    result["encoding"] = "b64";
    result["content"] = base64(content.reveal());
    return result;
}

} // namespace

std::string base64(const std::string& bytes)
{
    std::string result(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(result.data(), result.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      bytes.size(), sodium_base64_VARIANT_ORIGINAL);
    result.pop_back();
    return result;
}

Redacted cloud_config(const UserData& data)
{
    json::object config;
    if (!data.host_key.empty()) {
        json::object keys;
        keys["ed25519_private"] = data.host_key.reveal();
        keys["ed25519_public"] = data.host_public_key;
        config["ssh_keys"] = std::move(keys);
    }
    json::array files;
    if (!data.env.empty()) {
        files.push_back(
            file(environment_file, "0644", Redacted{std::string{once} + export_lines(data.env).reveal()}));
        config["bootcmd"] = json::array(1, json::value(show_in_bash));
    }
    if (!data.setup_script.empty()) {
        files.push_back(file(setup_file, "0700", with_exports(data.setup_script, data.env)));
        config["runcmd"] = json::array(1, json::value(json::array(1, json::value(setup_file))));
    }
    if (!files.empty()) {
        config["write_files"] = std::move(files);
    }
    // JSON is YAML too.
    return Redacted{"#cloud-config\n" + json::serialize(config) + "\n"};
}

std::vector<Redacted> secrets_of(const VmSpec& spec)
{
    std::vector<Redacted> secrets{spec.host_key, spec.setup_script};
    for (const auto& [name, value] : spec.env) {
        secrets.push_back(value);
    }
    return secrets;
}

void refuse_nul(std::string_view provider, const std::map<std::string, Redacted>& env)
{
    for (const auto& [name, value] : env) {
        if (value.reveal().find('\0') != std::string::npos) {
            throw ProviderError(std::string{provider} +
                                " cannot carry the NUL in the value of the variable " + name);
        }
    }
}

} // namespace drukbox::service
