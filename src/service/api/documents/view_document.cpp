#include "service/api/documents/view_document.hpp"

#include "service/api/documents/embedded.hpp"

#include <boost/json.hpp>

#include <string_view>

namespace drukbox::service::api {

namespace json = boost::json;

std::string view_document(wire::HostView view, const std::string& extensions)
{
    const auto prefix = wire::prefix(view);
    const auto suffix = "_" + std::string{prefix.substr(1)};
    const auto all = json::parse(extensions).as_object();
    json::object paths;
    for (const auto& member : all.at("paths").as_object()) {
        const std::string_view path = member.key();
        if (!path.starts_with(prefix) || !path.substr(prefix.size()).starts_with('/')) {
            continue;
        }
        auto& operations = paths[path.substr(prefix.size())] = member.value();
        for (auto& operation : operations.as_object()) {
            // Alone in its document it needs no name of its own, and generated clients keep theirs.
            auto* object = operation.value().if_object();
            auto* id = object == nullptr ? nullptr : object->if_contains("operationId");
            if (id != nullptr && std::string_view{id->as_string()}.ends_with(suffix)) {
                id->as_string().resize(id->as_string().size() - suffix.size());
            }
        }
    }
    auto document = json::parse(embedded::openapi_json()).as_object();
    document["servers"] = json::array{json::object{{"url", prefix}}};
    document["components"] = all.at("components");
    document["paths"] = std::move(paths);
    return json::serialize(document);
}

} // namespace drukbox::service::api
