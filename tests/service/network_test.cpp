#include "lifecycle_fixture.hpp"
#include "scripted_network.hpp"
#include "service/doctor/doctor.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>

namespace drukbox::service {
namespace {

using testing::ElementsAre;

class NetworkTest : public LifecycleTest
{
protected:
    NetworkTest()
    {
        cloud->capabilities.setup_script = true;
        enable();
    }

    void enable()
    {
        joined = &network;
        restart();
    }

    void disable()
    {
        joined = nullptr;
        restart();
    }

    /// Keeps the order in which the steps are taken, with the state of the only row at each.
    void keep_steps()
    {
        cloud->on_step = [this](const std::string& at, const std::string&) -> std::shared_ptr<Signal> {
            const auto rows = service->rows();
            steps.push_back(at + " in " + (rows.empty() ? "none" : std::string{to_string(rows[0].status)}));
            return nullptr;
        };
    }

    std::string failed_create()
    {
        try {
            create();
        } catch (const ProvisioningFailed& error) {
            return error.what();
        }
        return "none";
    }

    ScriptedNetwork network{cloud};
    std::vector<std::string> steps;
};

TEST_F(NetworkTest, AdmitsTheMachineBeforeItIsMadeAndWaitsForItOnTheNetwork)
{
    keep_steps();
    const auto host = create().host;
    EXPECT_THAT(steps,
                ElementsAre("admit in creating_network", "create in creating_vm", "created in creating_vm",
                            "reachable in bootstrapping", "device in bootstrapping", "inner in bootstrapping",
                            "deadline in bootstrapping"));
    EXPECT_EQ(cloud->asked.at(0).setup_script.reveal(), "#!/bin/sh\n# joins " + host.name + "\n");
    EXPECT_EQ(host.internal_ssh_host, host.name + ".tail.test");
    EXPECT_EQ(host.tailscale_device_id, "device-of-" + host.name);
    EXPECT_EQ(host.known_hosts, "[192.0.2.7]:2222 " + cloud->asked.at(0).host_public_key + "\n" + host.name +
                                    ".tail.test " + cloud->asked.at(0).host_public_key + "\n");
    EXPECT_THAT(network.expected_keys, ElementsAre(cloud->asked.at(0).host_public_key));
}

TEST_F(NetworkTest, HandsOutAPrivateKeyOnlyWhereOneIsOnTheMachine)
{
    EXPECT_TRUE(create().private_key);
    cloud->capabilities.mints_key_on_tailnet = false;
    EXPECT_FALSE(create().private_key);
    EXPECT_EQ(cloud->asked.at(1).authorized_key, "");
    disable();
    EXPECT_TRUE(create().private_key);
}

TEST_F(NetworkTest, ExpectsTheMachinesKeyWhereOnlyTheNetworkLeadsToIt)
{
    cloud->has_outer_path = false;
    const auto host = create().host;
    EXPECT_EQ(host.external_ssh_host, "");
    EXPECT_THAT(network.expected_keys, ElementsAre(cloud->asked.at(0).host_public_key));
    EXPECT_EQ(host.known_hosts, host.name + ".tail.test " + cloud->asked.at(0).host_public_key + "\n");
}

TEST_F(NetworkTest, ShowsTheInnerAddressFromBootstrappingOnAndTheDeviceAsSoonAsItIsKnown)
{
    auto gate = block_at("reachable");
    begin_create(CreateHost{});
    run_until_reached();
    const auto id = service->rows().at(0).id;
    EXPECT_EQ(service->row(id)->internal_ssh_host, service->row(id)->name + ".tail.test");
    EXPECT_EQ(service->row(id)->tailscale_device_id, std::nullopt);
    const auto next = block_at("inner");
    gate->set();
    run_until_reached();
    EXPECT_EQ(service->row(id)->tailscale_device_id, "device-of-" + service->row(id)->name);
    EXPECT_EQ(service->row(id)->status, HostStatus::bootstrapping);
    next->set();
    service->run_until([&] { return service->row(id)->status == HostStatus::active; });
}

TEST_F(NetworkTest, IsRefusedWhereTheProviderCannotDeliverTheScript)
{
    cloud->capabilities.setup_script = false;
    EXPECT_EQ(failed_create(), "ProviderError: scripted does not support Tailscale");
    EXPECT_TRUE(cloud->asked.empty());
}

TEST_F(NetworkTest, LeavesNothingWhenAnyStepFails)
{
    for (const auto* step : {"admit", "create", "created", "reachable", "device", "inner", "deadline"}) {
        fail_at(step);
        EXPECT_EQ(failed_create(), std::string{"ScriptedError: failed at "} + step);
        // What may have been made is removed after the answer.
        service->run_until([this] { return service->rows().at(0).owner.empty(); });
        EXPECT_TRUE(cloud->machines.empty()) << step;
        EXPECT_TRUE(network.admissions.empty()) << step;
        const auto row = service->rows().at(0);
        EXPECT_EQ(row.status, HostStatus::error) << step;
        EXPECT_EQ(row.tailscale_device_id, std::nullopt) << step;
        cloud->on_step = nullptr;
        service->run(service->hosts.reconcile());
        EXPECT_TRUE(service->rows().empty()) << step;
    }
}

TEST_F(NetworkTest, RemovesTheMachineOfAnAdmissionThatCannotBeWithdrawn)
{
    cloud->on_step = [](const std::string& at, const std::string&) -> std::shared_ptr<Signal> {
        if (at == "created" || at == "withdraw") {
            throw ScriptedError("failed at " + at);
        }
        return nullptr;
    };
    EXPECT_EQ(failed_create(), "ScriptedError: failed at created");
    service->run_until([this] { return service->rows().at(0).owner.empty(); });
    EXPECT_EQ(network.admissions.size(), 1U);
    EXPECT_TRUE(cloud->machines.empty());
}

TEST_F(NetworkTest, WithdrawsNoAdmissionByWhichTheMachineHasJoined)
{
    keep_steps();
    const auto host = create().host;
    service->run(service->hosts.remove(host.id));
    EXPECT_THAT(steps, testing::Not(testing::Contains(testing::HasSubstr("withdraw"))));
}

TEST_F(NetworkTest, ReleasesTheDeviceThenTheMachineThenTheRow)
{
    const auto host = create().host;
    keep_steps();
    service->run(service->hosts.remove(host.id));
    EXPECT_THAT(steps, ElementsAre("release in active", "remove in active"));
    EXPECT_THAT(network.released, ElementsAre("device-of-" + host.name));
    EXPECT_TRUE(service->rows().empty());
}

TEST_F(NetworkTest, ForgetsTheDeviceAsSoonAsItIsReleasedSoThatARetrySkipsIt)
{
    const auto host = create().host;
    fail_at("remove");
    EXPECT_THROW(service->run(service->hosts.remove(host.id)), TeardownFailed);
    EXPECT_EQ(service->row(host.id)->tailscale_device_id, std::nullopt);
    cloud->on_step = nullptr;
    service->run(service->hosts.remove(host.id));
    EXPECT_EQ(network.released.size(), 1U);
    EXPECT_TRUE(service->rows().empty());
}

TEST_F(NetworkTest, KeepsMachineAndRowUntilTheDeviceIsReleased)
{
    const auto host = create().host;
    fail_at("release");
    EXPECT_THROW(service->run(service->hosts.remove(host.id)), TeardownFailed);
    EXPECT_EQ(service->row(host.id)->tailscale_device_id, "device-of-" + host.name);
    EXPECT_TRUE(cloud->machines.contains(host.name));
    cloud->on_step = nullptr;
    service->run(service->hosts.reconcile());
    EXPECT_THAT(network.released, ElementsAre("device-of-" + host.name));
    EXPECT_TRUE(service->rows().empty());
    EXPECT_TRUE(cloud->machines.empty());
}

TEST_F(NetworkTest, ReleasesNoDeviceOnceItIsDisabled)
{
    const auto host = create().host;
    disable();
    service->run(service->hosts.remove(host.id));
    EXPECT_TRUE(network.released.empty());
    EXPECT_TRUE(service->rows().empty());
}

TEST_F(NetworkTest, HasItsDeviceReleasedByASuccessorAfterACrash)
{
    block_at("inner");
    begin_create(CreateHost{});
    run_until_reached();
    restart();
    service->run(service->hosts.reconcile());
    EXPECT_EQ(network.released.size(), 1U);
    EXPECT_TRUE(service->rows().empty());
    EXPECT_TRUE(cloud->machines.empty());
}

TEST_F(NetworkTest, HasARowErasedByASuccessorOfOneThatDiedWhileTheMachineWasAdmitted)
{
    block_at("admit");
    begin_create(CreateHost{});
    run_until_reached();
    restart();
    service->run(service->hosts.reconcile());
    EXPECT_TRUE(service->rows().empty());
    EXPECT_TRUE(cloud->removed.empty());
}

TEST_F(NetworkTest, IsLookedAtByTheDoctor)
{
    Doctor doctor{service->io.get_executor(), service->store, service->providers, "scripted", &network};
    auto report = boost::json::parse(serialize(service->run(doctor.examine())));
    EXPECT_EQ(report.at("tailscale_enabled"), true);
    EXPECT_EQ(report.at("checks").at(2).at("name"), "tailscale");
    EXPECT_EQ(report.at("checks").at(2).at("status"), "ok");
    fail_at("diagnose network");
    report = boost::json::parse(serialize(service->run(doctor.examine())));
    EXPECT_EQ(report.at("ok"), false);
    EXPECT_EQ(report.at("checks").at(2).at("hint"), "check_the_network");
}

} // namespace
} // namespace drukbox::service
