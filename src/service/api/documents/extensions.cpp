#include "service/api/documents/extensions.hpp"

#include "service/api/documents/embedded.hpp"
#include "service/api/view.hpp"

#include <boost/json.hpp>

#include <map>
#include <string_view>

namespace drukbox::service::api {
namespace {

namespace json = boost::json;

/// What a view's routes have in place of the plain ones' schemas.
using Renaming = std::map<std::string_view, std::string_view>;

constexpr std::string_view schemas = "#/components/schemas/";

bool is_operation(std::string_view key)
{
    return key == "get" || key == "post" || key == "delete";
}

/// Adds what `from` has and `to` lacks.
void merge(json::object& to, const json::object& from)
{
    for (const auto& [key, value] : from) {
        auto* present = to.if_contains(key);
        if (present == nullptr) {
            to[key] = value;
        } else if (present->is_object() && value.is_object()) {
            merge(present->as_object(), value.as_object());
        }
    }
}

void rename(json::value& value, const Renaming& names)
{
    if (auto* array = value.if_array()) {
        for (auto& element : *array) {
            rename(element, names);
        }
    } else if (auto* object = value.if_object()) {
        // Examples show the plain record.
        object->erase("example");
        for (auto& member : *object) {
            rename(member.value(), names);
        }
        auto* reference = object->if_contains("$ref");
        const std::string_view target = reference != nullptr && reference->is_string()
                                            ? std::string_view{reference->get_string()}
                                            : std::string_view{};
        if (target.starts_with(schemas)) {
            if (const auto found = names.find(target.substr(schemas.size())); found != names.end()) {
                *reference = std::string{schemas} + std::string{found->second};
            }
        }
    }
}

/// Where they lead is not in this document.
void drop_links(json::value& operation)
{
    for (auto& response : operation.as_object()["responses"].as_object()) {
        response.value().as_object().erase("links");
    }
}

/// Makes the operations of one path those of a view: ids must not repeat.
void adapt(json::object& path, View view, const Renaming& names)
{
    for (auto& member : path) {
        if (!is_operation(member.key())) {
            continue;
        }
        rename(member.value(), names);
        auto& operation = member.value().as_object();
        const std::string suffix = "_" + std::string{prefix(view).substr(1)};
        operation["operationId"] = std::string{operation["operationId"].as_string()} + suffix;
        operation["tags"] = json::array{prefix(view).substr(1)};
        drop_links(member.value());
    }
}

void add_view(json::object& paths, const json::object& plain, View view, const Renaming& names)
{
    for (const auto& member : plain) {
        auto path = member.value().as_object();
        if (!has_route(view, member.key())) {
            continue;
        }
        adapt(path, view, names);
        paths[std::string{prefix(view)} + std::string{member.key()}] = std::move(path);
    }
}

} // namespace

std::string extensions_document()
{
    const auto base = json::parse(embedded::openapi_json()).as_object();
    auto document = json::parse(embedded::openapi_extensions_json()).as_object();
    merge(document["components"].as_object(), base.at("components").as_object());

    // A path that we have more to say of is there in full, with what we say in place of what the plain one
    // says.
    auto plain = base.at("paths").as_object();
    auto& paths = document["paths"].as_object();
    for (auto& member : plain) {
        if (auto* ours = paths.if_contains(member.key())) {
            for (auto& operation : member.value().as_object()) {
                if (is_operation(operation.key())) {
                    drop_links(operation.value());
                }
            }
            merge(ours->as_object(), member.value().as_object());
            member.value() = *ours;
        }
    }
    add_view(paths, plain, View::v0_2, {{"HostOut", "HostOutV02"}});
    add_view(paths, plain, View::litterbox,
             {{"HostOut", "LitterboxHost"}, {"HostCreate", "LitterboxCreateHost"}});
    return json::serialize(document);
}

} // namespace drukbox::service::api
