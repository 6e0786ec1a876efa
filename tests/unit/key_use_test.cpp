#include "wire/key_use.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace drukbox::wire {
namespace {

TEST(KeyUseTest, HasAnotherTextForWhateverIsAskedFor)
{
    const std::vector<std::function<void(AskedHost&)>> askings{
        [](AskedHost&) {},
        [](AskedHost& host) { host.provider = ""; },
        [](AskedHost& host) { host.provider = "a"; },
        [](AskedHost& host) { host.image = "a"; },
        [](AskedHost& host) { host.image = "a\nimage 1 a"; },
        [](AskedHost& host) { host.template_id = "a"; },
        [](AskedHost& host) { host.instance_type = "a"; },
        [](AskedHost& host) { host.disk_gb = 1; },
        [](AskedHost& host) { host.disk_gb = 11; },
        [](AskedHost& host) { host.network = "a"; },
        [](AskedHost& host) { host.variables = {"A"}; },
        [](AskedHost& host) { host.variables = {"AB"}; },
        [](AskedHost& host) { host.secrets = {"A"}; },
        [](AskedHost& host) { host.variables = {"A", "B"}; },
        [](AskedHost& host) { host.variables = {"A\nenv 1 B"}; },
    };
    std::set<std::string> texts;
    for (const auto& ask : askings) {
        AskedHost host;
        ask(host);
        texts.insert(host.text());
    }
    EXPECT_EQ(texts.size(), askings.size());
}

TEST(KeyUseTest, AllowsTheSameWordsOrTheSameMeaning)
{
    const KeyUse first{"asked", "meant"};
    EXPECT_TRUE(first.allows(KeyUse{"asked", "other"}));
    EXPECT_TRUE(first.allows(KeyUse{"other", "meant"}));
    EXPECT_FALSE(first.allows(KeyUse{"other", "other"}));
    EXPECT_FALSE(first.allows(KeyUse{"meant", "asked"}));
    EXPECT_TRUE(KeyUse{}.allows(first)) << "from before it was written down";
}

} // namespace
} // namespace drukbox::wire
