#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace drukbox::cli {

enum class Style
{
    plain,
    bold,
    dim,
    good,
    busy,
    bad,
};

/// Wraps text in the terminal's colour for a style, or leaves it alone when colour is off.
[[nodiscard]] std::string styled(std::string text, Style style, bool colour);

/// Rows under headings, columns aligned, two spaces apart, no trailing space.
class Table
{
public:
    class Cell
    {
    public:
        Cell(std::string cell_text, Style cell_style = Style::plain);

        std::string text;
        Style style;
    };

    explicit Table(std::vector<std::string> headings);

    /// One cell a heading.
    void add(std::vector<Cell> row);

    [[nodiscard]] std::string str(bool colour) const;

private:
    std::vector<std::string> headings_;
    std::vector<std::vector<Cell>> rows_;
};

} // namespace drukbox::cli
