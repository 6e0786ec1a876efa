#include "providers/conformance.hpp"

#include "local/command.hpp"
#include "providers/run.hpp"
#include "service/ssh/key_pair.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>

#include <array>
#include <fstream>
#include <map>
#include <vector>

#include <sys/random.h>
#include <sys/stat.h>

namespace drukbox::test {
namespace {

using namespace drukbox::service;

std::string random_name()
{
    std::array<unsigned char, 6> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) < 0) {
        throw std::runtime_error("no random bytes");
    }
    constexpr std::string_view digits = "0123456789abcdef";
    std::string name = "sb-";
    for (const auto byte : bytes) {
        name += digits[byte >> 4U];
        name += digits[byte & 0xFU];
    }
    return name;
}

void write_private(const std::filesystem::path& path, const std::string& text)
{
    std::ofstream{path} << text;
    ::chmod(path.c_str(), 0600);
}

/// One provider, a reactor to run it on, and what it has made, which is removed in the end.
class Bench
{
public:
    explicit Bench(ConformanceSubject& subject, const std::string& installation = "0123456789abcdef")
        : subject_(subject)
        , provider(subject.make(reactor_.get_executor(), blocking_, installation))
    {
    }

    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    ~Bench()
    {
        subject_.heal();
        for (const auto& name : made_) {
            try {
                run(provider->remove(name));
            } catch (const std::exception& error) {
                ADD_FAILURE() << "left behind: " << name << ": " << error.what();
            }
        }
        blocking_.join();
    }

    template <class Result>
    Result run(boost::asio::awaitable<Result> task)
    {
        return run_on(reactor_, std::move(task));
    }

    VmSpec spec()
    {
        VmSpec spec;
        spec.name = random_name();
        spec.image = provider->default_image();
        spec.authorized_key = caller.public_key;
        spec.host_key = host.private_key;
        spec.host_public_key = host.public_key;
        made_.push_back(spec.name);
        return spec;
    }

    Vm create(VmSpec spec)
    {
        const Vm vm = run(provider->create(std::move(spec)));
        run(provider->wait_until_reachable(vm));
        return vm;
    }

    /// What the create throws.
    std::string failure_of(VmSpec spec)
    {
        try {
            create(std::move(spec));
        } catch (const ProviderError& error) {
            return error.kind() + ": " + error.what();
        }
        return "it was made";
    }

    std::map<std::string, bool> list()
    {
        std::map<std::string, bool> result;
        for (const auto& machine : run(provider->list())) {
            result[machine.name] = machine.running;
        }
        return result;
    }

    /// Whether the machine carries our mark; nothing: it is not in the inventory.
    std::optional<bool> mark_of(const std::string& name)
    {
        for (const auto& machine : run(provider->list())) {
            if (machine.name == name) {
                return machine.marked;
            }
        }
        return std::nullopt;
    }

    /// Logs in with a key, trusting nothing but the machine's known_hosts.
    Outcome ssh(const Vm& vm, const Redacted& key, const std::string& command)
    {
        write_private(files_.path() / "key", key.reveal());
        write_private(files_.path() / "known_hosts", vm.known_hosts);
        return run_command({"ssh", "-F", "none", "-i", files_.path() / "key", "-o", "IdentitiesOnly=yes",
                            "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o",
                            "UserKnownHostsFile=" + (files_.path() / "known_hosts").string(), "-p",
                            std::to_string(vm.ssh_port), vm.ssh_username + "@" + vm.ssh_host, command});
    }

    const ssh::KeyPair host = ssh::KeyPair::generate();
    const ssh::KeyPair caller = ssh::KeyPair::generate();

private:
    ConformanceSubject& subject_;
    TemporaryDirectory files_;
    boost::asio::io_context reactor_;
    boost::asio::thread_pool blocking_{4};
    std::vector<std::string> made_;

public:
    std::unique_ptr<Provider> provider;
};

// A test must be able to return after it is skipped.
#define PREPARE_BENCH                                                                                        \
    const auto subject = GetParam()();                                                                       \
    if (const auto reason = subject->unavailable()) {                                                        \
        GTEST_SKIP() << *reason;                                                                             \
    }                                                                                                        \
    Bench bench                                                                                              \
    {                                                                                                        \
        *subject                                                                                             \
    }

TEST_P(ProviderConformance, LetsTheCallerInAndShowsItsVariables)
{
    PREPARE_BENCH;
    const std::string greeting = std::string{"two"} + (subject->carries_newlines() ? "\n" : " ") +
                                 "lines, a 'quote' and $HOME \"too\"";
    auto spec = bench.spec();
    spec.env["GREETING"] = Redacted{greeting};
    spec.env["NOTHING"] = Redacted{""};
    const Vm vm = bench.create(std::move(spec));
    const auto key = subject->account_key().value_or(bench.caller.private_key);
    const Outcome outcome = bench.ssh(vm, key, "printf '%s|%s' \"$GREETING\" \"${NOTHING-unset}\"");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.out, greeting + "|");
    if (subject->account_key()) {
        EXPECT_EQ(vm.host_key, "");
    } else {
        EXPECT_EQ(vm.host_key, bench.host.public_key);
        EXPECT_THAT(vm.known_hosts, testing::HasSubstr(bench.host.public_key));
    }
}

TEST_P(ProviderConformance, RefusesAVariableThatItCannotCarryBeforeAnythingExists)
{
    PREPARE_BENCH;
    std::vector<std::string> values{std::string{"x\0y", 3}};
    if (!subject->carries_newlines()) {
        values.emplace_back("x\ny");
    }
    for (const auto& value : values) {
        auto spec = bench.spec();
        const auto name = spec.name;
        spec.env["BAD"] = Redacted{value};
        EXPECT_THAT(bench.failure_of(std::move(spec)), testing::HasSubstr("BAD"));
        EXPECT_FALSE(bench.list().contains(name));
    }
}

TEST_P(ProviderConformance, ListsAMachineUntilItIsRemovedOnceOrTwice)
{
    PREPARE_BENCH;
    const Vm vm = bench.create(bench.spec());
    const auto before = bench.list();
    ASSERT_TRUE(before.contains(vm.name));
    EXPECT_TRUE(before.at(vm.name));
    bench.run(bench.provider->remove(vm.name));
    EXPECT_FALSE(bench.list().contains(vm.name));
    bench.run(bench.provider->remove(vm.name));
    EXPECT_THROW(bench.run(bench.provider->set_deadline(vm.name, std::nullopt)), VmNotFound);
}

TEST_P(ProviderConformance, RemovesWhatNeverWas)
{
    PREPARE_BENCH;
    bench.run(bench.provider->remove(random_name()));
}

TEST_P(ProviderConformance, FindsByItsNameAMachineWhoseAnswerWasLost)
{
    PREPARE_BENCH;
    auto spec = bench.spec();
    const auto name = spec.name;
    if (!subject->lose_the_answer()) {
        GTEST_SKIP() << "its machines are made without a call";
    }
    EXPECT_THAT(bench.failure_of(std::move(spec)), testing::HasSubstr(std::string{bench.provider->name()}));
    subject->heal();
    EXPECT_TRUE(bench.list().contains(name));
    bench.run(bench.provider->remove(name));
    EXPECT_FALSE(bench.list().contains(name));
}

TEST_P(ProviderConformance, LeavesNothingOfACreateThatFailsAtAnyStep)
{
    PREPARE_BENCH;
    std::size_t steps = 0;
    for (; subject->fail_create_at(steps); ++steps) {
        SCOPED_TRACE("step " + std::to_string(steps));
        auto spec = bench.spec();
        const auto name = spec.name;
        const auto failure = bench.failure_of(std::move(spec));
        EXPECT_THAT(failure, testing::Not("it was made"));
        EXPECT_EQ(failure.find('\n'), std::string::npos) << failure;
        subject->heal();
        bench.run(bench.provider->remove(name));
        EXPECT_FALSE(bench.list().contains(name));
    }
    EXPECT_GT(steps, 0U);
    bench.create(bench.spec());
}

TEST_P(ProviderConformance, TellsWhoseAMachineIs)
{
    PREPARE_BENCH;
    if (bench.provider->capabilities().exclusive_inventory) {
        GTEST_SKIP() << "nobody else makes machines there";
    }
    Bench neighbour{*subject, "fedcba9876543210"};
    Bench before_marks{*subject, ""};
    const Vm ours = bench.create(bench.spec());
    const Vm theirs = neighbour.create(neighbour.spec());
    const Vm unmarked = before_marks.create(before_marks.spec());
    EXPECT_EQ(bench.mark_of(ours.name), true);
    EXPECT_EQ(bench.mark_of(theirs.name), std::nullopt);
    EXPECT_EQ(bench.mark_of(unmarked.name), false);
    EXPECT_EQ(neighbour.mark_of(theirs.name), true);

    bench.run(bench.provider->remove(theirs.name));
    EXPECT_EQ(neighbour.mark_of(theirs.name), true);
    EXPECT_THROW(bench.run(bench.provider->set_deadline(theirs.name, std::nullopt)), VmNotFound);
    // Only who has a row for one without a mark asks for this.
    bench.run(bench.provider->set_deadline(unmarked.name, std::nullopt));
    bench.run(bench.provider->remove(unmarked.name));
    EXPECT_EQ(neighbour.mark_of(unmarked.name), std::nullopt);
}

TEST_P(ProviderConformance, LetsInAnotherKeyInThePlaceOfTheFirst)
{
    PREPARE_BENCH;
    if (!bench.provider->capabilities().replaces_key) {
        GTEST_SKIP() << "it replaces no keys";
    }
    const Vm vm = bench.create(bench.spec());
    const auto next = ssh::KeyPair::generate();
    bench.run(bench.provider->replace_key(vm.name, next.public_key));
    EXPECT_EQ(bench.ssh(vm, next.private_key, "true").exit_code, 0);
    EXPECT_NE(bench.ssh(vm, bench.caller.private_key, "true").exit_code, 0);
}

TEST_P(ProviderConformance, TellsHowItIs)
{
    PREPARE_BENCH;
    const auto diagnosis = bench.run(bench.provider->diagnose());
    EXPECT_TRUE(diagnosis.ok) << diagnosis.detail;
    EXPECT_FALSE(diagnosis.detail.empty());
    EXPECT_FALSE(bench.provider->hint().empty());
}

} // namespace
} // namespace drukbox::test
