#include "wire/http_proxy_record.hpp"

#include "wire/object_reader.hpp"
#include "wire/object_writer.hpp"

#include <boost/json.hpp>

namespace drukbox::wire {

std::string serialize(const HTTPProxy& proxy)
{
    std::string out;
    ObjectWriter json{out};
    json.string("name", proxy.name);
    json.string("status", proxy.status);
    json.close();
    return out;
}

std::string serialize(const HTTPProxyAttachment& attachment)
{
    std::string out;
    ObjectWriter json{out};
    json.string("name", attachment.name);
    json.string("host_id", attachment.host_id);
    json.string("status", attachment.status);
    json.close();
    return out;
}

HTTPProxy parse_http_proxy(const boost::json::value& json)
{
    const ObjectReader record{"http proxy", json};
    HTTPProxy proxy;
    proxy.name = record.string("name");
    proxy.status = record.string("status");
    return proxy;
}

HTTPProxyAttachment parse_http_proxy_attachment(const boost::json::value& json)
{
    const ObjectReader record{"http proxy attachment", json};
    HTTPProxyAttachment attachment;
    attachment.name = record.string("name");
    attachment.host_id = record.string("host_id");
    attachment.status = record.string("status");
    return attachment;
}

} // namespace drukbox::wire
