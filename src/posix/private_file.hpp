#pragma once

#include <string>
#include <string_view>

/// Files for their owner alone, 0600, with their content on disk before they have their name. Failures are
/// std::system_error.
namespace drukbox::posix {

/// Takes the place of what is there: a reader sees the old content or the new, and so does who comes after a
/// crash.
void replace_private_file(const std::string& path, std::string_view content);

/// Leaves what is there: of several processes that do this at once the first one's content stays.
void make_private_file(const std::string& path, std::string_view content);

} // namespace drukbox::posix
