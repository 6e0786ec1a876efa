"""The list of floors holds: an include that goes up is found, and named with its line."""

import importlib.machinery
import importlib.util
import pathlib
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "script" / "lint-floors"


def load_script():
    loader = importlib.machinery.SourceFileLoader("lint_floors", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("lint_floors", loader))
    loader.exec_module(module)
    return module


class FloorsTest(unittest.TestCase):
    def setUp(self):
        self.lint = load_script()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.source = pathlib.Path(directory.name)

    def problems(self, path, text):
        file = self.source / path
        file.parent.mkdir(parents=True)
        file.write_text(text)
        return list(self.lint.problems(self.source, self.lint.read_floors()))

    def test_finds_an_include_that_goes_up(self):
        found = self.problems("service/store/table.cpp", '#pragma once\n\n#include "service/hosts/lifecycle.hpp"\n')
        self.assertEqual(len(found), 1)
        self.assertIn("src/service/store/table.cpp:3: service/store may not know service/hosts", found[0])

    def test_finds_an_include_of_what_stands_beside_all_floors(self):
        found = self.problems("service/providers/local/door.cpp", '  # include "service/settings.hpp"\n')
        self.assertEqual(len(found), 1)
        self.assertIn("service/providers may not know service:", found[0])

    def test_lets_includes_go_down(self):
        text = '#include "service/store/session.hpp"\n#include "service/hosts/order.hpp"\n#include <vector>\n'
        self.assertEqual(self.problems("service/hosts/create.cpp", text), [])

    def test_finds_a_folder_that_no_line_names(self):
        found = self.problems("attic/box.cpp", "")
        self.assertIn("src/attic/box.cpp: no line of script/lint-floors names its folder", found[0])


if __name__ == "__main__":
    unittest.main()
