// A test of a program that uses the library, as its author would write it.

#include <drukbox/drukbox.hpp>
#include <drukbox/testing/testing.hpp>

#include <iostream>

int main()
{
    drukbox::testing::FakeService service;
    drukbox::SandboxClient sandbox{service.config()};
    const drukbox::SandboxHost host = sandbox.create_host();
    if (host.status != "active" || sandbox.list_hosts().size() != 1) {
        return 1;
    }
    std::cout << "a host of the fake service is " << host.status << '\n';
}
