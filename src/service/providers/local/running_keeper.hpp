#pragma once

#include "posix/unique_fd.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <filesystem>
#include <string>

namespace drukbox::service::local {

/// Ends a sandbox and removes all that belongs to it, by its keeper where one is alive and willing. Nothing
/// to do is success; afterwards none of its processes is left. Waits occupy no thread: a keeper that does not
/// answer delays nobody else. Throws ProviderError or std::system_error.
[[nodiscard]] boost::asio::awaitable<void> remove_sandbox(boost::asio::thread_pool& blocking,
                                                          std::filesystem::path sandboxes, std::string name);

/// Sends a request to a sandbox's keeper, see keeper/control.hpp, and waits for its answer in the same way.
/// Throws VmNotFound when there is no keeper, ProviderError or std::system_error.
[[nodiscard]] boost::asio::awaitable<std::string> ask_keeper(boost::asio::thread_pool& blocking,
                                                             std::filesystem::path sandboxes,
                                                             std::string name, std::string request);

} // namespace drukbox::service::local
