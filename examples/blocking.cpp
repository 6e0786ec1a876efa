// Asks the service how it is, makes a sandbox, and removes it again whatever happens in between; without an
// event loop. Needs SANDBOX_SERVICE_URL and SANDBOX_SERVICE_TOKEN in the environment.

#include <drukbox/drukbox.hpp>

#include <cstdlib>
#include <iostream>
#include <utility>

namespace {

/// A sandbox that goes when its owner does.
class OwnedHost
{
public:
    explicit OwnedHost(drukbox::SandboxClient sandbox)
        : sandbox_(std::move(sandbox))
        , host_(sandbox_.create_host())
    {
    }

    OwnedHost(const OwnedHost&) = delete;
    OwnedHost& operator=(const OwnedHost&) = delete;

    ~OwnedHost()
    {
        try {
            sandbox_.delete_host(host_.id);
        } catch (const drukbox::SandboxError& error) {
            // Its lease ends it.
            std::cerr << "blocking: " << host_.name << " is left over: " << error.what() << '\n';
        }
    }

    [[nodiscard]] const drukbox::SandboxHost& operator*() const noexcept { return host_; }

private:
    drukbox::SandboxClient sandbox_;
    drukbox::SandboxHost host_;
};

void run(const drukbox::SandboxClient& sandbox)
{
    for (const drukbox::DoctorCheck& check : sandbox.doctor().checks) {
        std::cout << check.name << ": " << check.status << ", " << check.detail << '\n';
    }
    const OwnedHost host{sandbox};
    std::cout << (*host).name << " runs " << (*host).image << '\n';
    std::cout << sandbox.list_hosts().size() << " in all\n";
}

} // namespace

int main()
try {
    run(drukbox::SandboxClient::from_env());
    return EXIT_SUCCESS;
} catch (const drukbox::SandboxError& error) {
    std::cerr << "blocking: " << error.what() << '\n';
    return EXIT_FAILURE;
}
