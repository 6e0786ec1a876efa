#pragma once

#include "service/providers/provider.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::service::docker {

/// What the engine says about one container.
class ContainerState
{
public:
    ContainerState() = default;

    bool running = false;
    std::int64_t exit_code = 0;
    std::uint16_t ssh_port = 0; ///< On 127.0.0.1; 0: none.
};

/// A container in the engine's list.
class ListedContainer
{
public:
    ListedContainer() = default;

    std::string id;
    std::string name;         ///< The host's, from our label.
    std::string installation; ///< Of our label; empty without one.
    bool running = false;
};

/// Each throws MalformedAnswer for what is not such an answer.
[[nodiscard]] std::string parse_created(std::string_view body);
[[nodiscard]] ContainerState parse_state(std::string_view body);
[[nodiscard]] std::vector<ListedContainer> parse_list(std::string_view body);
[[nodiscard]] std::string parse_version(std::string_view body);

/// The text of a container's log, without the frames that the engine puts around its pieces.
[[nodiscard]] std::string parse_log(std::string_view body);

} // namespace drukbox::service::docker
