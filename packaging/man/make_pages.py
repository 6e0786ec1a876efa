#!/usr/bin/env python3
"""Makes the manual pages: what options there are is the program's own word, what settings there are is the docs'.

Usage: make_pages.py PROGRAM VERSION OUTPUT_DIRECTORY
"""

import gzip
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
DOCS = HERE.parent.parent / "docs"


def roff(text):
    """Text as it stands, for roff."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def markdown(text):
    """A table's cell: code in bold, links by their words."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    parts = text.split("`")
    return "".join(f"\\fB{roff(part)}\\fR" if i % 2 else roff(part) for i, part in enumerate(parts))


class Help:
    """What `drukbox … --help` says, in its parts."""

    def __init__(self, program, command):
        text = subprocess.run([program, *command, "--help"], capture_output=True, text=True, check=True).stdout
        blocks = re.split(r"\n\n+", text.rstrip("\n"))
        self.description = blocks[0]
        self.usage = blocks[1].removeprefix("Usage: ")
        self.sections = {}
        self.prose = []
        for block in blocks[2:]:
            title, _, lines = block.partition("\n")
            if title in ("Positionals:", "Options:", "Subcommands:"):
                self.sections[title.rstrip(":")] = list(self._entries(lines))
            else:
                self.prose.append(block)

    @staticmethod
    def _entries(lines):
        entry = None
        for line in lines.split("\n"):
            if line[:2] == "  " and line[2:3] != " ":
                if entry:
                    yield entry
                # Two blanks or more part a name from what it means; a long name has a line of its own.
                name, _, meaning = line[2:].partition("  ")
                entry = [name.strip(), meaning.strip()]
            else:
                entry[1] = (entry[1] + " " + line.strip()).strip()
        if entry:
            yield entry

    def entries(self, *titles):
        """The entries of these sections but --help, as a tagged list."""
        out = []
        for title in titles:
            for name, meaning in self.sections.get(title, []):
                if name != "-h,--help":
                    out += [".TP", f"\\fB{roff(name.replace(',', ', '))}\\fR", roff(meaning)]
        return out

    def paragraphs(self):
        out = []
        for block in self.prose:
            if block.endswith(":") or "\n  " in block:
                out += [".PP", ".EX", roff(block), ".EE"]
            else:
                out += [".PP", roff(block)]
        return out


def commands(program, path=()):
    """Every command below path, with those below each."""
    out = []
    for name, _ in Help(program, path).sections.get("Subcommands", []):
        command = (*path, name)
        about = Help(program, command)
        out += [f".SS {roff(' '.join(command))}", f".B {roff(about.usage)}", ".PP", roff(about.description) + "."]
        out += about.entries("Positionals", "Options") + about.paragraphs() + commands(program, command)
    return out


def settings():
    """The tables of settings in the docs: the service's own, then each provider's."""
    out = []
    for page in [DOCS / "settings.md", *sorted(DOCS.glob("*-provider.md"))]:
        rows = re.findall(r"^\| setting \| default \| \|\n\|[-|]+\n((?:\|.*\n)+)", page.read_text(), re.M)
        if not rows:
            continue
        if page.stem != "settings":
            out.append(f".SS The provider {page.stem.removesuffix('-provider')}")
        for row in "".join(rows).splitlines():
            names, default, meaning = (cell.strip() for cell in row.strip("|").split(" | ", 2))
            out += [".TP", markdown(names)]
            text = markdown(meaning.rstrip("| "))
            out.append(f"{text} (default: {markdown(default)})" if default else text or "\\&")
    return out


def main():
    program, version, output = sys.argv[1:]
    parts = {
        "version": [roff(version)],
        "options": Help(program, ()).entries("Options"),
        "commands": commands(program),
        "serve-options": Help(program, ("serve",)).entries("Options"),
        "janitor-options": Help(program, ("janitor",)).entries("Options"),
        "settings": settings(),
    }
    pathlib.Path(output).mkdir(parents=True, exist_ok=True)
    for template in sorted(HERE.glob("*.in")):
        page = re.sub(r"@([a-z-]+)@", lambda match: "\n".join(parts[match[1]]), template.read_text())
        # Compressed as Debian wants it, and the same each time.
        packed = gzip.compress(page.encode(), mtime=0)
        pathlib.Path(output, template.stem + ".gz").write_bytes(packed)


if __name__ == "__main__":
    main()
