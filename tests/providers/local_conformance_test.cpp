#include "providers/conformance.hpp"
#include "service/providers/local/local_provider.hpp"
#include "support/temporary_directory.hpp"

#include <filesystem>

namespace drukbox::test {
namespace {

namespace fs = std::filesystem;

/// The local provider makes its machines in this process: what can fail are the programs and directories that
/// it needs.
class LocalSubject final : public ConformanceSubject
{
public:
    LocalSubject()
    {
        fs::permissions(files_.path(), fs::perms::all);
        fs::create_directory(programs_);
        heal();
    }

    std::unique_ptr<service::Provider> make(boost::asio::any_io_executor reactor,
                                            boost::asio::thread_pool& blocking, const std::string&) override
    {
        service::local::LocalSettings settings;
        settings.state_dir = files_.path() / "state";
        settings.program_dir = programs_;
        settings.memory_mb = 512;
        return service::local::make_local_provider(std::move(reactor), blocking, settings);
    }

    bool fail_create_at(std::size_t step) override
    {
        switch (step) {
        case 0:
            fs::remove(programs_ / "drukbox-keeper");
            return true;
        case 1:
            fs::remove(programs_ / "drukbox-guest");
            return true;
        case 2:
            // A keeper that ends without a word.
            fs::remove(programs_ / "drukbox-keeper");
            fs::copy_file("/bin/true", programs_ / "drukbox-keeper");
            return true;
        default:
            return false;
        }
    }

    bool lose_the_answer() override { return false; }

    void heal() override
    {
        for (const auto* name : {"drukbox-keeper", "drukbox-guest"}) {
            // One that runs cannot be overwritten, but replaced.
            fs::remove(programs_ / name);
            fs::copy_file(fs::path{DRUKBOX_PROGRAM_DIR} / name, programs_ / name);
        }
    }

private:
    TemporaryDirectory files_;
    fs::path programs_ = files_.path() / "programs";
};

std::unique_ptr<ConformanceSubject> make_local_subject()
{
    return std::make_unique<LocalSubject>();
}

INSTANTIATE_TEST_SUITE_P(Local, ProviderConformance, testing::Values(make_local_subject));

} // namespace
} // namespace drukbox::test
