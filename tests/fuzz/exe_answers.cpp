// The output of an exe.dev that may say anything: which command it answers in one byte, and the text.
#include "fuzz/target.hpp"
#include "service/providers/exe/answers.hpp"

namespace drukbox::fuzz {
namespace {

using namespace drukbox::service;

void read(char command, std::string_view output)
{
    switch (command) {
    case 'n': {
        const auto vm = exe::parse_new(output);
        require(vm.ssh_host.find_first_of(" \n,*@") == std::string::npos && !vm.ssh_host.starts_with('-'),
                "a host can stand in known_hosts and on ssh's command line");
        require(vm.ssh_port != 0, "a port is one");
        break;
    }
    case 'l':
        static_cast<void>(exe::parse_list(output, "managed-by-drukbox"));
        break;
    case 'o':
        static_cast<void>(exe::find_vm(output, "sb-0123456789ab"));
        break;
    case 'w':
        static_cast<void>(exe::parse_whoami(output));
        break;
    default: {
        const auto text = exe::failure_text(output);
        require(!(exe::is_proxy_not_found(text) && exe::is_vm_not_found(text)), "one thing is not found");
    }
    }
}

} // namespace
} // namespace drukbox::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace drukbox;
    return fuzz::read_answer<service::ProviderError>(data, size, "exe ", fuzz::read);
}
