#include "service/providers/aws/xml.hpp"

#include "service/remote/answer.hpp"

namespace drukbox::service::aws {

XmlReader XmlReader::at(const char* name) const
{
    const auto found = find(name);
    if (!found) {
        throw MalformedAnswer("aws", std::string{"answered something unexpected: "} + node_.name() +
                                         " has no " + name);
    }
    return *found;
}

std::optional<XmlReader> XmlReader::find(const char* name) const
{
    const auto child = node_.child(name);
    return child.first_child() ? std::optional{XmlReader{child}} : std::nullopt;
}

std::string XmlReader::text() const
{
    const pugi::xml_text text = node_.text();
    if (!text) {
        throw MalformedAnswer("aws", std::string{"answered something unexpected: "} + node_.name() +
                                         " is not a text");
    }
    return text.get();
}

std::string XmlReader::text_of(const char* name) const
{
    const auto found = find(name);
    return found ? found->text() : std::string{};
}

std::vector<XmlReader> XmlReader::items_of(const char* name) const
{
    std::vector<XmlReader> result;
    for (const auto item : node_.child(name).children("item")) {
        result.emplace_back(item);
    }
    return result;
}

XmlAnswer::XmlAnswer(std::string_view body, const char* name)
{
    if (!document_.load_buffer(body.data(), body.size())) {
        throw MalformedAnswer("aws", body.empty() ? "answered nothing where XML was expected"
                                                  : "answered something that is not XML");
    }
    if (document_.document_element().name() != std::string_view{name}) {
        throw MalformedAnswer("aws", std::string{"answered something that is no "} + name);
    }
}

} // namespace drukbox::service::aws
