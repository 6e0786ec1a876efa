#include "cli/expect_failure.hpp"
#include "cli/key_store.hpp"
#include "cli/private_file.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <functional>

namespace drukbox::cli {
namespace {

using std::filesystem::perms;

class KeyStoreTest : public ::testing::Test
{
protected:
    static SandboxHost host(const std::string& id)
    {
        SandboxHost made;
        made.id = id;
        made.known_hosts = "[127.0.0.1]:2200 ssh-ed25519 AAAA\n";
        made.private_key = "the key";
        return made;
    }

    static perms mode(const std::filesystem::path& path)
    {
        return std::filesystem::status(path).permissions();
    }

    test::TemporaryDirectory directory_;
    std::filesystem::path hosts_ = directory_.path() / "data" / "hosts";
    KeyStore store_{hosts_};
};

TEST_F(KeyStoreTest, RefusesAnIdThatIsAPath)
{
    for (const char* id : {"", "..", "../x", "/etc", "a/b", ".", "a\n"}) {
        EXPECT_EQ(failure_of([&] { store_.keep(host(id), "s"); }).code(), ExitCode::failure) << id;
        EXPECT_EQ(failure_of([&] { store_.remove(id); }).code(), ExitCode::failure) << id;
    }
    EXPECT_FALSE(std::filesystem::exists(hosts_));
}

TEST_F(KeyStoreTest, SaysWhichPathCannotBeWritten)
{
    std::ofstream(directory_.path() / "data") << "a file where a directory should be";
    const Failure failure = failure_of([&] { store_.keep(host("aa"), "s"); });
    EXPECT_NE(std::string(failure.what()).find(directory_.path().string()), std::string::npos)
        << failure.what();
}

TEST_F(KeyStoreTest, KeepsAKeyForItsOwnerAlone)
{
    store_.keep(host("aa"), "s");
    const auto key = store_.private_key("aa");
    ASSERT_TRUE(key);
    EXPECT_EQ(read_small_file(*key), "the key");
    EXPECT_EQ(read_small_file(store_.known_hosts("aa")), "[127.0.0.1]:2200 ssh-ed25519 AAAA\n");
    EXPECT_EQ(mode(*key), perms::owner_read | perms::owner_write);
    EXPECT_EQ(mode(store_.known_hosts("aa")), perms::owner_read | perms::owner_write);
    EXPECT_EQ(mode(hosts_ / "aa"), perms::owner_all);
    EXPECT_EQ(mode(hosts_), perms::owner_all);
}

TEST_F(KeyStoreTest, KeepsTheKeyWhenTheHostComesBackWithoutOne)
{
    store_.keep(host("aa"), "s");
    SandboxHost later = host("aa");
    later.private_key.reset();
    later.known_hosts = "changed\n";
    store_.keep(later, "s");
    EXPECT_EQ(read_small_file(*store_.private_key("aa")), "the key");
    EXPECT_EQ(read_small_file(store_.known_hosts("aa")), "changed\n");
}

TEST_F(KeyStoreTest, LeavesNothingBehindButItsThreeFiles)
{
    store_.keep(host("aa"), "s");
    store_.keep(host("aa"), "s");
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(hosts_ / "aa")) {
        names.push_back(entry.path().filename());
    }
    EXPECT_THAT(names, ::testing::UnorderedElementsAre("id_ed25519", "known_hosts", "service"));
}

TEST_F(KeyStoreTest, ForgetsAHostAndDoesNotMindWhenThereIsNone)
{
    store_.keep(host("aa"), "s");
    store_.remove("aa");
    store_.remove("aa");
    EXPECT_FALSE(store_.private_key("aa"));
    EXPECT_FALSE(std::filesystem::exists(hosts_ / "aa"));
}

TEST_F(KeyStoreTest, KeepsAMissedHostForThirtyDays)
{
    const auto start = wire::now();
    store_.keep(host("aa"), "s");
    store_.keep(host("bb"), "s");
    store_.missed("aa", start);
    store_.missed("aa", start + KeyStore::kept_for);
    EXPECT_TRUE(store_.private_key("aa"));
    store_.missed("aa", start + KeyStore::kept_for + std::chrono::seconds{1});
    EXPECT_FALSE(std::filesystem::exists(hosts_ / "aa"));
    EXPECT_TRUE(store_.private_key("bb"));
}

TEST_F(KeyStoreTest, BeginsAnewWithAHostThatWasFound)
{
    const auto start = wire::now();
    const std::vector<std::function<void()>> ways{[this] { store_.found("aa"); },
                                                  [this] { store_.keep(host("aa"), "s"); }};
    store_.keep(host("aa"), "s");
    for (const auto& find : ways) {
        store_.missed("aa", start);
        find();
        store_.missed("aa", start + 2 * KeyStore::kept_for);
        EXPECT_TRUE(store_.private_key("aa"));
    }
}

TEST_F(KeyStoreTest, DoesNotBelieveATimeToCome)
{
    const auto start = wire::now();
    store_.keep(host("aa"), "s");
    store_.missed("aa", start + std::chrono::days{10'000});
    store_.missed("aa", start);
    store_.missed("aa", start + 2 * KeyStore::kept_for);
    EXPECT_FALSE(store_.private_key("aa"));
}

TEST_F(KeyStoreTest, TellsTheHostsOfOneServiceFromThoseOfAnother)
{
    EXPECT_TRUE(store_.hosts_of("one").empty());
    store_.keep(host("aa"), "one");
    store_.keep(host("bb"), "two");
    store_.keep(host("cc"), "one");
    std::filesystem::create_directory(hosts_ / "dd");
    EXPECT_THAT(store_.hosts_of("one"), ::testing::UnorderedElementsAre("aa", "cc"));
}

} // namespace
} // namespace drukbox::cli
