#include "providers/faulting_proxy.hpp"

namespace drukbox::test {

FaultingProxy::FaultingProxy(Connect upstream)
    : upstream_(std::move(upstream))
    , server_([this](Peer& client) { serve(client); })
{
}

void FaultingProxy::arm(std::size_t request, Fault fault)
{
    const std::lock_guard lock(mutex_);
    count_ = 0;
    armed_.emplace(request, fault);
}

void FaultingProxy::heal()
{
    const std::lock_guard lock(mutex_);
    count_ = 0;
    armed_.reset();
}

std::size_t FaultingProxy::requests()
{
    const std::lock_guard lock(mutex_);
    return count_;
}

std::optional<FaultingProxy::Fault> FaultingProxy::next()
{
    const std::lock_guard lock(mutex_);
    const auto number = count_++;
    return armed_ && armed_->first == number ? std::optional{armed_->second} : std::nullopt;
}

/// One request a connection: the end of an answer is then the end of the connection, whatever its encoding.
/// The client is told, or it sends the next request on a connection that is about to end.
void FaultingProxy::serve(Peer& client)
{
    std::string request = client.read_message();
    const auto fault = next();
    if (fault == Fault::refuse) {
        return;
    }
    const auto close_after = [](std::string& message) {
        if (const auto end_of_line = message.find("\r\n"); end_of_line != std::string::npos) {
            message.insert(end_of_line + 2, "Connection: close\r\n");
        }
    };
    close_after(request);
    Peer upstream = upstream_();
    upstream.send(request);
    std::string answer = upstream.read_to_end();
    close_after(answer);
    if (fault != Fault::lose_answer) {
        client.send(answer);
    }
}

} // namespace drukbox::test
