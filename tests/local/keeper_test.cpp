#include "local/sandbox_test.hpp"

namespace drukbox::test {
namespace {

class KeeperTest : public SandboxTest
{
};

TEST_F(KeeperTest, IsAPositionIndependentProgramWithoutWritableTables)
{
    for (const char* const program : {"drukbox-keeper", "drukbox-guest"}) {
        const Outcome elf = run_command({"readelf", "-hld", (settings_.program_dir / program).string()});
        ASSERT_EQ(elf.exit_code, 0) << elf.err;
        EXPECT_THAT(elf.out, testing::HasSubstr("DYN (Position-Independent Executable file)")) << program;
        EXPECT_THAT(elf.out, testing::HasSubstr("GNU_RELRO")) << program;
        EXPECT_THAT(elf.out, testing::HasSubstr("BIND_NOW")) << program;
        EXPECT_THAT(elf.out, testing::Not(testing::HasSubstr("INTERP"))) << program;
        EXPECT_THAT(elf.out, testing::Not(testing::HasSubstr("(NEEDED)"))) << program;
    }
}

} // namespace
} // namespace drukbox::test
