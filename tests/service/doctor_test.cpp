#include "lifecycle_fixture.hpp"
#include "service/doctor/doctor.hpp"

#include <boost/json.hpp>

namespace drukbox::service {
namespace {

class DoctorTest : public LifecycleTest
{
protected:
    boost::json::object examine(const std::string& provider, std::chrono::seconds patience)
    {
        Doctor doctor{
            service->io.get_executor(), service->store, service->providers, provider, nullptr, patience};
        return boost::json::parse(serialize(service->run(doctor.examine()))).as_object();
    }
};

TEST_F(DoctorTest, ReportsTheProviderThatIsNotThere)
{
    const auto report = examine("gone", std::chrono::seconds{5});
    EXPECT_EQ(report.at("ok"), false);
    EXPECT_EQ(report.at("active_provider"), "gone");
    const auto& checks = report.at("checks").as_array();
    ASSERT_EQ(checks.size(), 2U);
    EXPECT_EQ(checks.at(0).at("status"), "ok");
    EXPECT_EQ(checks.at(1).at("detail"), "unknown VM provider: gone");
    EXPECT_EQ(checks.at(1).at("hint"), "check_provider_configuration");
}

TEST_F(DoctorTest, GivesUpOnAProbeThatDoesNotAnswer)
{
    const auto gate = block_at("diagnose");
    const auto report = examine("scripted", std::chrono::seconds{1});
    gate->set();
    EXPECT_EQ(report.at("ok"), false);
    const auto& checks = report.at("checks").as_array();
    ASSERT_EQ(checks.size(), 2U);
    EXPECT_EQ(checks.at(0).at("status"), "ok");
    EXPECT_EQ(checks.at(1).at("status"), "fail");
    EXPECT_EQ(checks.at(1).at("detail"), "timed out after 1s");
    EXPECT_EQ(checks.at(1).at("latency_ms"), 1000);
    EXPECT_EQ(checks.at(1).at("hint"), "check_the_script");
}

} // namespace
} // namespace drukbox::service
