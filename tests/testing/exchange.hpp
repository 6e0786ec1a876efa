#pragma once

#include "support/peer.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace drukbox::test {

/// A request as anybody might send it, and the whole of what came back.
class Exchange
{
public:
    Exchange(std::uint16_t port, std::string_view line, std::string_view headers = {},
             std::string_view body = {})
    {
        test::Peer peer = test::Peer::connect(port);
        std::string request{line};
        request += " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n";
        request += headers;
        if (!body.empty()) {
            request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        }
        request += "\r\n";
        peer.send(request += body);
        const std::string answer = peer.read_to_end();
        const auto end_of_head = answer.find("\r\n\r\n");
        head = answer.substr(0, end_of_head);
        status = head.substr(9, 3);
        this->body = answer.substr(end_of_head + 4);
    }

    std::string status;
    std::string head;
    std::string body;
};

} // namespace drukbox::test
