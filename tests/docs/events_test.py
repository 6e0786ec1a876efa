"""docs/events.md tells of every event that the service logs, with its level and its fields, and of no other."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NAME = r'"([a-z0-9_.]+)"'
LEVELS = ["debug", "info", "warning", "error"]


def fields_of(text, start):
    """What a chain of .field() that begins there names."""
    return tuple(re.findall(rf"\.field\(\s*{NAME}", text[start : text.index(";", start)]))


def by_severity(levels):
    return tuple(sorted(set(levels), key=LEVELS.index))


def logged():
    """Of each place that logs: where it is, and the event, its levels and its fields."""
    for path in sorted((ROOT / "src").rglob("*.cpp")):
        text = path.read_text()
        for call in re.finditer(r"\blog::(debug|info|warning|error)\((.*?)\)", text, re.S):
            name = re.fullmatch(rf"\s*{NAME}\s*", call[2])
            assert name, f"{path}: the name in {call[0]} is not written out"
            yield path, name[1], (call[1],), fields_of(text, call.end())
        for event in re.finditer(r"\blog::Event (\w+)\{(.*?)\}", text, re.S):
            (name,) = re.findall(NAME, event[2])
            fields = ()
            for use in re.finditer(rf"\b{event[1]}\.field\(", text):
                fields += fields_of(text, use.start())
            yield path, name, by_severity(re.findall(r"Level::(\w+)", event[2])), fields


def documented():
    """The rows of the table, in order."""
    for line in (ROOT / "docs/events.md").read_text().splitlines():
        if row := re.match(r"\| `([^`]+)` \| ([\w, ]+) \| (.*?) ?\| (.*?) ?\|$", line):
            yield row[1], tuple(row[2].split(", ")), tuple(re.findall(r"`([^`]+)`", row[3]))


class EventsTest(unittest.TestCase):
    maxDiff = None

    def test_an_event_is_one_thing_wherever_it_is_logged(self):
        seen = {}
        for path, name, levels, fields in logged():
            self.assertEqual(seen.setdefault(name, (levels, fields)), (levels, fields), f"{name} in {path}")
        self.assertGreater(len(seen), 50)

    def test_the_table_has_every_event_and_no_other(self):
        rows = list(documented())
        self.assertEqual({name: what for name, *what in rows},
                         {name: [levels, fields] for _, name, levels, fields in logged()})
        self.assertEqual([name for name, *_ in rows], sorted({name for name, *_ in rows}))


if __name__ == "__main__":
    unittest.main(verbosity=2)
