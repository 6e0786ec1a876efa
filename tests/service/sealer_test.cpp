#include "service/base/setting_error.hpp"
#include "service/sealing/sealer.hpp"
#include "service/ssh/key_pair.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace drukbox::service {
namespace {

const std::string key_a = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const std::string key_b = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

TEST(SealerTest, OpensWhatItSealedForTheSameHostOnly)
{
    const Sealer sealer{Redacted{key_a}};
    const auto sealed = sealer.seal(Redacted{"secret"}, "host-1");
    EXPECT_EQ(sealed.find("secret"), std::string::npos);
    EXPECT_EQ(sealer.unseal(sealed, "host-1").reveal(), "secret");
    EXPECT_THROW(static_cast<void>(sealer.unseal(sealed, "host-2")), UnsealError);
    EXPECT_NE(sealer.seal(Redacted{"secret"}, "host-1"), sealed);
}

TEST(SealerTest, RefusesWhatWasChanged)
{
    const Sealer sealer{Redacted{key_a}};
    auto sealed = sealer.seal(Redacted{"secret"}, "h");
    sealed[10] = sealed[10] == 'A' ? 'B' : 'A';
    EXPECT_THROW(static_cast<void>(sealer.unseal(sealed, "h")), UnsealError);
    EXPECT_THROW(static_cast<void>(sealer.unseal("", "h")), UnsealError);
    EXPECT_THROW(static_cast<void>(sealer.unseal("%%%", "h")), UnsealError);
}

TEST(SealerTest, OpensWithAnyKeyAndSealsWithTheFirst)
{
    const auto sealed = Sealer{Redacted{key_a}}.seal(Redacted{"secret"}, "h");
    const Sealer rotated{Redacted{key_b + "," + key_a}};
    EXPECT_EQ(rotated.unseal(sealed, "h").reveal(), "secret");
    EXPECT_THROW(static_cast<void>(Sealer{Redacted{key_a}}.unseal(rotated.seal(Redacted{"new"}, "h"), "h")),
                 UnsealError);
    EXPECT_EQ(rotated.fingerprints().at(1), Sealer{Redacted{key_a}}.fingerprints().at(0));
}

TEST(SealerTest, RefusesMalformedKeysWithoutRepeatingThem)
{
    for (const std::string key : {"c2hvcnQ=", "not base64!", ""}) {
        try {
            const Sealer sealer{Redacted{key}};
            FAIL() << key;
        } catch (const SettingError& error) {
            const std::string text = error.what();
            EXPECT_TRUE(text.starts_with("SEALING_KEY: should be base64 of 32 bytes"));
            EXPECT_TRUE(key.empty() || text.find(key) == std::string::npos);
        }
    }
}

TEST(SealerTest, KeepsOneKeyInAPrivateFile)
{
    const test::TemporaryDirectory directory;
    const auto path = directory.path() / "sealing.key";
    const auto first = Sealer::from_file(path).fingerprints();
    EXPECT_EQ(Sealer::from_file(path).fingerprints(), first);
    EXPECT_EQ(std::filesystem::status(path).permissions() & std::filesystem::perms::all,
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    std::filesystem::permissions(path, std::filesystem::perms::all);
    EXPECT_THROW(static_cast<void>(Sealer::from_file(path)), SettingError);
}

TEST(KeyPairTest, MakesKeysThatOpenSshReads)
{
    const auto first = ssh::KeyPair::generate();
    const auto second = ssh::KeyPair::generate();
    EXPECT_NE(first.public_key, second.public_key);
    EXPECT_TRUE(first.public_key.starts_with("ssh-ed25519 AAAA"));
    EXPECT_TRUE(first.private_key.reveal().starts_with("-----BEGIN OPENSSH PRIVATE KEY-----\n"));
    EXPECT_TRUE(first.private_key.reveal().ends_with("-----END OPENSSH PRIVATE KEY-----\n"));
}

} // namespace
} // namespace drukbox::service
