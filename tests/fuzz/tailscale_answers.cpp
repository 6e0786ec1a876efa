// A body that something in the place of the Tailscale API answers: every reader takes it, or says why not.
#include "fuzz/target.hpp"
#include "service/networking/tailscale/answers.hpp"
#include "service/networking/tailscale/bootstrap.hpp"
#include "service/remote/answer.hpp"

namespace drukbox::fuzz {
namespace {

template <class Use>
void use(const Use& use_answer)
{
    try {
        use_answer();
    } catch (const service::MalformedAnswer& error) {
        require(std::string_view{error.what()}.starts_with("tailscale answered "),
                "an error names its origin");
    }
}

} // namespace
} // namespace drukbox::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace drukbox::fuzz;
    using namespace drukbox::service;
    const auto body = text_of(data, size);
    boost::json::value answer;
    use([&] { answer = parse_answer("tailscale", body); });
    use([&] {
        const auto token = tailscale::read_access_token(answer);
        require(!token.value.empty() && token.value.reveal().find('\n') == std::string::npos,
                "a token fits into a header field");
    });
    use([&] {
        const auto key = tailscale::read_auth_key(answer);
        require(key.secret.reveal().find('\'') == std::string::npos, "a key is one word of the script");
        require(key.id.find('/') == std::string::npos, "an id stays within its part of a URL");
        require(!tailscale::bootstrap_script(key.secret, "sb-1").empty(), "there is a script");
    });
    use([&] {
        for (const auto& device : tailscale::read_devices(answer)) {
            require(device.node_id.find('/') == std::string::npos, "an id stays within its part of a URL");
        }
    });
    return 0;
}
