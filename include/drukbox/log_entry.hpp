#pragma once

#include <chrono>
#include <string>

namespace drukbox::inline v0 {

/// What the log hook of a client is told of one request. It holds no token, no header and nothing of a body.
///
/// Thread safety: a value; distinct objects may be used from distinct threads.
class LogEntry
{
public:
    /// An entry about nothing.
    LogEntry() = default;

    std::string operation;                 ///< `create_host` and the like.
    std::string method;                    ///< `POST` and the like.
    std::string path;                      ///< As in the request, the path of base_url included.
    int status = 0;                        ///< The HTTP status; 0 when there was no whole answer.
    std::chrono::microseconds duration{0}; ///< From the call to the last byte of its answer, or its failure.
    std::string request_id;                ///< The answer's `X-Request-Id`; empty where it has none.
};

} // namespace drukbox::inline v0
