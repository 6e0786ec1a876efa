#pragma once

#include "service/api/responses.hpp"
#include "wire/requests/findings.hpp"

namespace drukbox::service::api {

/// The 422 that tells what is wrong with a request.
[[nodiscard]] inline http::Response unprocessable(const wire::Findings& findings,
                                                  std::string_view error_code = {})
{
    return json_response(422, findings.body(error_code));
}

} // namespace drukbox::service::api
