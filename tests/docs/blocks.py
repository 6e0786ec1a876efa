"""Makes one translation unit of the C++ blocks of Markdown files, so that the compiler reads them too.

A block that begins with an #include is a part of a program: it stands at namespace scope. Any other is what a coroutine
might say about the names that prelude.hpp declares.
"""

import pathlib
import re
import sys


def blocks(lines):
    """The number of its first line and the lines of each block."""
    inside = None
    for number, line in enumerate(lines, 1):
        if line.strip() == "```cpp":
            inside = (number + 1, [])
        elif line.strip() == "```" and inside:
            yield inside
            inside = None
        elif inside:
            inside[1].append(line)


def main():
    target, *sources = map(pathlib.Path, sys.argv[1:])
    includes = ['#include "docs/prelude.hpp"']
    body = []
    for source in sources:
        for number, lines in blocks(source.read_text().splitlines()):
            is_program = lines[0].startswith("#include")
            includes += [line for line in lines if line.startswith("#include")]
            lines = [re.sub("^#include.*", "", line) for line in lines]
            body += [f"namespace {source.stem.lower()}_{number} {{ namespace {{"]
            body += [] if is_program else ["boost::asio::awaitable<void> statements() {"]
            body += [f'#line {number} "{source}"', *lines]
            body += [] if is_program else ["co_return; }"]
            body += ["}}"]
    target.write_text("\n".join([*includes, *body, ""]))


main()
