"""What the pages of the documentation link to within the repository is there, headings included."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]


def prose(page):
    """Its text without what stands in blocks of code."""
    return re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.M | re.S)


def anchors(page):
    """The names that GitHub gives its headings."""
    for heading in re.findall(r"^#+ (.*)$", prose(page), re.M):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


class LinksTest(unittest.TestCase):
    def test_each_leads_somewhere(self):
        seen = 0
        for page in PAGES:
            for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
                if re.match(r"[a-z]+:", target):
                    continue
                seen += 1
                file, _, anchor = target.partition("#")
                linked = page.parent / file if file else page
                self.assertTrue(linked.exists(), f"{page.name}: {target}")
                if anchor:
                    self.assertIn(anchor, set(anchors(linked)), f"{page.name}: {target}")
        self.assertGreater(seen, 50)

    def test_every_page_is_led_to(self):
        linked = {(page.parent / target.partition("#")[0]).resolve()
                  for page in PAGES for target in re.findall(r"\]\(([^)\s:]+)\)", prose(page))}
        for page in (ROOT / "docs").glob("*.md"):
            self.assertIn(page, linked)


if __name__ == "__main__":
    unittest.main(verbosity=2)
