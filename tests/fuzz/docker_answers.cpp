// An answer of a container engine that may send anything: which call it answers in one byte, and the body.
#include "fuzz/target.hpp"
#include "service/providers/docker/answers.hpp"
#include "service/providers/docker/pull_progress.hpp"
#include "service/providers/docker/tar_archive.hpp"
#include "service/remote/answer.hpp"

namespace drukbox::fuzz {
namespace {

using namespace drukbox::service;

void read(char call, std::string_view body)
{
    switch (call) {
    case 'c':
        require(docker::parse_created(body).find('/') == std::string::npos, "an id can stand in a path");
        break;
    case 's':
        static_cast<void>(docker::parse_state(body));
        break;
    case 'l':
        static_cast<void>(docker::parse_list(body));
        break;
    case 'v':
        static_cast<void>(docker::parse_version(body));
        break;
    case 'o':
        require(presentable(docker::parse_log(body), {}).find('\n') == std::string::npos,
                "one line is shown");
        break;
    case 'p': {
        docker::PullProgress progress;
        progress.take(body);
        progress.update();
        require(progress.bytes() >= 0 && progress.total() >= 0, "progress is not negative");
        break;
    }
    default:
        if (const auto content = docker::first_file(body)) {
            require(content->size() <= body.size(), "a file lies within its archive");
        }
    }
}

} // namespace
} // namespace drukbox::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace drukbox;
    return fuzz::read_answer<service::ProviderError>(data, size, "docker ", fuzz::read);
}
