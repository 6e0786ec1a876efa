#pragma once

#include "wire/requests/findings.hpp"

#include <boost/json/fwd.hpp>

namespace drukbox::wire {

/// Adds what is wrong with the `secrets` of a create: an object that has for each name either a `value` or an
/// `issuer`, and for each name that is none of the known ones the `host` and the `auth_variable` that it is
/// for.
void check_secrets(const boost::json::value& secrets, Findings& findings);

} // namespace drukbox::wire
