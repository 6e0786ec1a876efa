#include "cli/table.hpp"

#include "wire/printable_text.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace drukbox::cli {
namespace {

std::string_view escape_code(Style style)
{
    switch (style) {
    case Style::plain:
        return "";
    case Style::bold:
        return "1";
    case Style::dim:
        return "2";
    case Style::good:
        return "32";
    case Style::busy:
        return "33";
    case Style::bad:
        return "31";
    }
    return "";
}

bool is_continuation(char byte)
{
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

std::size_t width(std::string_view text)
{
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char byte) { return !is_continuation(byte); }));
}

} // namespace

std::string styled(std::string text, Style style, bool colour)
{
    const std::string_view code = escape_code(style);
    if (!colour || code.empty() || text.empty()) {
        return text;
    }
    return "\033[" + std::string(code) + "m" + text + "\033[0m";
}

Table::Cell::Cell(std::string cell_text, Style cell_style)
    : text(wire::printable(cell_text))
    , style(cell_style)
{
}

Table::Table(std::vector<std::string> headings)
    : headings_(std::move(headings))
{
}

void Table::add(std::vector<Cell> row)
{
    assert(row.size() == headings_.size());
    rows_.push_back(std::move(row));
}

std::string Table::str(bool colour) const
{
    std::vector<std::size_t> widths;
    for (const std::string& heading : headings_) {
        widths.push_back(width(heading));
    }
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], width(row[i].text));
        }
    }

    std::string out;
    const auto line = [&](const std::vector<Cell>& row) {
        std::size_t gap = 0;
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (row[i].text.empty()) {
                gap += widths[i] + 2;
                continue;
            }
            out.append(gap, ' ');
            out += styled(row[i].text, row[i].style, colour);
            gap = widths[i] - width(row[i].text) + 2;
        }
        out += '\n';
    };
    std::vector<Cell> head;
    for (const std::string& heading : headings_) {
        head.emplace_back(heading, Style::dim);
    }
    line(head);
    for (const auto& row : rows_) {
        line(row);
    }
    return out;
}

} // namespace drukbox::cli
