#pragma once

#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::service::aws {

/// An element of an XML answer. Every step throws MalformedAnswer when what is asked for is not there. The
/// document must outlive it.
class XmlReader
{
public:
    explicit XmlReader(pugi::xml_node node)
        : node_(node)
    {
    }

    [[nodiscard]] XmlReader at(const char* name) const;

    /// Nothing when there is no such element, or an empty one.
    [[nodiscard]] std::optional<XmlReader> find(const char* name) const;

    [[nodiscard]] std::string text() const;

    /// The text of an element below; empty when there is none.
    [[nodiscard]] std::string text_of(const char* name) const;

    /// The `item` elements of a list below; none when the list is not there.
    [[nodiscard]] std::vector<XmlReader> items_of(const char* name) const;

private:
    pugi::xml_node node_;
};

/// An XML answer whose outermost element has this name. Throws MalformedAnswer for anything else: a gateway's
/// page, nothing at all, the answer to another call.
class XmlAnswer
{
public:
    XmlAnswer(std::string_view body, const char* name);

    [[nodiscard]] XmlReader root() const { return XmlReader{document_.document_element()}; }

private:
    pugi::xml_document document_;
};

} // namespace drukbox::service::aws
