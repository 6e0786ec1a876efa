#include "wire/host_name.hpp"

#include <gtest/gtest.h>

#include <string>

namespace drukbox::wire {
namespace {

TEST(HostNameTest, AcceptsWhatServicesCallTheirHosts)
{
    const std::string label(63, 'a');
    const std::string longest = label + '.' + label + '.' + label + '.' + std::string(61, 'b');
    for (const std::string& name :
         {std::string{"sb-0123456789ab"}, std::string{"a"}, std::string{"host-abc"}, std::string{"3com"},
          std::string{"10.box"}, std::string{"github.com"}, std::string{"sb-1.example.ts.net"},
          std::string{"mylocalhost"}, label, longest}) {
        EXPECT_TRUE(is_host_name(name)) << name;
    }
}

TEST(HostNameTest, RefusesWhatAShellOrAFileWouldTakeApart)
{
    for (const std::string name : {"",
                                   "sb-1;touch${IFS}x;#",
                                   "a b",
                                   "a\nb",
                                   "-oProxyCommand=id",
                                   "a-",
                                   ".a",
                                   "a.",
                                   "a..b",
                                   "a.-b",
                                   "*",
                                   "A",
                                   "a_b",
                                   "a/b",
                                   "..",
                                   "a\\b",
                                   "'a'",
                                   "$(id)",
                                   "gr\xc3\xbc",
                                   "a\x1b[2J",
                                   "\xe2\x80\xae"}) {
        EXPECT_FALSE(is_host_name(name)) << name;
    }
    EXPECT_FALSE(is_host_name(std::string_view{"a\0b", 3}));
    EXPECT_FALSE(is_host_name(std::string(64, 'a')));
    EXPECT_FALSE(is_host_name(std::string(63, 'a') + '.' + std::string(63, 'a') + '.' + std::string(63, 'a') +
                              '.' + std::string(62, 'b')));
}

TEST(HostNameTest, RefusesAddressesAndTheMachineItself)
{
    for (const std::string name :
         {"127.0.0.1", "1.2.3.4", "2130706433", "127.1", "0x7f000001", "0x7f.1", "a.1", "0x", "::1",
          "localhost", "a.localhost", "localhost.localdomain", "localhost6", "ip6-loopback"}) {
        EXPECT_FALSE(is_host_name(name)) << name;
    }
}

TEST(SshHostTest, IsANameOrAnAddress)
{
    for (const std::string host : {"127.0.0.1", "::1", "2001:db8::7", "::ffff:192.0.2.7", "Box.Example.COM",
                                   "a_b.c", "localhost", "example.com."}) {
        EXPECT_TRUE(is_ssh_host(host)) << host;
    }
    for (const std::string host :
         {"", "-oProxyCommand=id", ".a", "a b", "a\nProxyCommand id", "$(id)", "%h", "u@h", "[::1]",
          "fe80::1%eth0", ":", "1:2", "a,b", "*", "a\x1b", "gr\xc3\xbc"}) {
        EXPECT_FALSE(is_ssh_host(host)) << host;
    }
    EXPECT_FALSE(is_ssh_host(std::string_view{"::1\0", 4}));
    EXPECT_FALSE(is_ssh_host(std::string(254, 'a')));
}

TEST(SshUsernameTest, IsAWordThatIsNoOption)
{
    for (const std::string user :
         {"root", "sandbox", "ec2-user", "_apt", "a.b+c@d", "sb-0123456789ab", "7"}) {
        EXPECT_TRUE(is_ssh_username(user)) << user;
    }
    for (const std::string user :
         {"", "-l", "a b", "a\nb", "a;b", "%r", "$(id)", "a/b", "a:b", "'", "gr\xc3\xbc"}) {
        EXPECT_FALSE(is_ssh_username(user)) << user;
    }
    EXPECT_FALSE(is_ssh_username(std::string(254, 'a')));
}

} // namespace
} // namespace drukbox::wire
