#pragma once

#include <string_view>

namespace drukbox::service {

/// A named place at which a crash test ends the process, as a kill would. The environment variable
/// DRUKBOX_FAILPOINT holds `when:step:n`: the n-th time that a place is passed; DRUKBOX_FAILPOINT_TRACE names
/// a file that gets a line for each place passed. Both exist only in builds with the option
/// DRUKBOX_FAILPOINTS; in others this does nothing.
void failpoint(std::string_view when, std::string_view step);

} // namespace drukbox::service
