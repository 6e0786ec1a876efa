"""The diagrams of the documentation are diagrams: Mermaid's own parser reads them. script/node-env makes it."""

import json
import pathlib
import re
import shutil
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NODE_ENV = ROOT / "build/node-env"
PARSER = ROOT / "tests/docs/diagrams/parse.js"


def diagrams():
    """The page and the text of each."""
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for text in re.findall(r"^```mermaid\n(.*?)^```$", page.read_text(), re.M | re.S):
            yield page.name, text


def parse(texts):
    # Its imports are looked for where it is run when it comes from the command line.
    done = subprocess.run(["node", "--input-type=module", "--eval", PARSER.read_text()], cwd=NODE_ENV,
                          input=json.dumps(texts), capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


class DiagramsTest(unittest.TestCase):
    @unittest.skipIf(shutil.which("npm") is None, "there is no npm here")
    def test_each_can_be_parsed(self):
        pages, texts = zip(*diagrams())
        *results, broken = parse([*texts, "stateDiagram-v2\n    a --> --> b\n"])
        self.assertIn("error", broken)
        for page, result in zip(pages, results, strict=True):
            self.assertNotIn("error", result, page)
        self.assertEqual({"sequence", "stateDiagram"} - {result["kind"] for result in results}, set())

    def test_the_states_are_those_of_a_host(self):
        (text,) = [text for _, text in diagrams() if text.startswith("stateDiagram")]
        names = {name for arrow in re.findall(r"(\w+) --> (\w+)", text) for name in arrow} | set(
            re.findall(r"\[\*\] --> (\w+)", text))
        aliases = set(re.findall(r'state ".*" as (\w+)', text))
        header = (ROOT / "src/service/records/host.hpp").read_text()
        statuses = set(re.findall(r"\w+", re.search(r"enum class HostStatus\s*\{(.*?)\}", header, re.S)[1]))
        self.assertEqual(names - aliases, statuses)


if __name__ == "__main__":
    unittest.main(verbosity=2)
