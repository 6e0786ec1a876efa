"""What an installation consists of, and that the program in it works from there."""

import gzip
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

from support import ROOT, TestCase, main  # pylint: disable=wrong-import-position

PREFIX = pathlib.Path(os.environ["DRUKBOX_PREFIX"])


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def installed_library():
    (library,) = (path for path in PREFIX.rglob("libdrukbox.so.*.*.*"))
    return library


class LibraryTest(unittest.TestCase):
    def test_has_a_soname_and_the_links_that_go_with_it(self):
        library = installed_library()
        self.assertIn("soname: [libdrukbox.so.0]", output_of("readelf", "-dW", library))
        self.assertEqual(os.readlink(library.with_name("libdrukbox.so")), "libdrukbox.so.0")
        self.assertEqual(os.readlink(library.with_name("libdrukbox.so.0")), library.name)

    def test_exports_nothing_of_its_own_but_the_versioned_namespace(self):
        lines = output_of("nm", "-D", "--defined-only", "--demangle", "--format=posix", installed_library())
        exported = [line.rsplit(" ", 3)[:2] for line in lines.splitlines()]
        # Weak and unique ones are templates of Boost and the standard library, which every program has as well.
        own = [name for name, kind in exported if kind in "TDBR" or "drukbox" in name]
        self.assertEqual([name for name in own if "drukbox::v0::" not in name], [])
        self.assertTrue(any(name.startswith("drukbox::v0::SandboxAPI::close(") for name in own), own)

    def test_exports_the_typeinfo_of_every_error(self):
        lines = output_of("nm", "-D", "--defined-only", "--demangle", installed_library())
        header = (PREFIX / "include/drukbox/sandbox_error.hpp").read_text()
        errors = re.findall(r"class DRUKBOX_API (\w+)", header)
        self.assertGreater(len(errors), 8)
        for error in errors:
            self.assertIn(f"typeinfo for drukbox::v0::{error}\n", lines)


class FilesTest(unittest.TestCase):
    def test_are_where_the_system_looks_for_them(self):
        files = {str(path.relative_to(PREFIX)) for path in PREFIX.rglob("*") if not path.is_dir()}
        for name in (
            "bin/drukbox",
            "libexec/drukbox/drukbox-keeper",
            "libexec/drukbox/drukbox-guest",
            "share/man/man1/drukbox.1.gz",
            "share/man/man8/drukbox-serve.8.gz",
            "share/bash-completion/completions/drukbox",
            "share/zsh/site-functions/_drukbox",
            "share/fish/vendor_completions.d/drukbox.fish",
            "lib/systemd/system/drukbox.service",
            "share/drukbox/drukbox.env",
            "share/drukbox/apparmor/drukbox-bwrap",
        ):
            self.assertIn(name, files)
        headers = {str(path.relative_to(ROOT)) for path in (ROOT / "include").rglob("*.hpp")}
        self.assertEqual({name for name in files if name.endswith(".hpp")}, headers)

    def test_look_for_no_library_in_a_place_of_their_own(self):
        for path in (PREFIX / "bin/drukbox", installed_library()):
            self.assertNotRegex(output_of("readelf", "-dW", path), "RPATH|RUNPATH")

    def test_name_no_directory_of_the_build(self):
        for path in PREFIX.rglob("*"):
            if path.suffix in (".cmake", ".pc", ".service"):
                self.assertNotIn(str(ROOT), path.read_text(), path)


class ManualTest(unittest.TestCase):
    def page(self, name):
        text = gzip.decompress((PREFIX / "share/man" / name).read_bytes()).decode()
        return text.replace("\\-", "-").replace("\\e", "\\")

    def help(self, *command):
        return output_of(PREFIX / "bin/drukbox", *command, "--help")

    def test_has_every_command_and_option_of_the_help(self):
        page = self.page("man1/drukbox.1.gz")
        commands = re.findall(r"^  ([a-z-]+) ", self.help().split("Subcommands:")[1].split("\n\n")[0], re.M)
        self.assertGreater(len(commands), 10)
        for command in commands:
            self.assertIn(f"\n.SS {command}\n", page)
            for option in re.findall(r"^  (?:-\w,)?(--[a-z-]+)", self.help(command), re.M):
                self.assertIn(option, page.split(f"\n.SS {command}\n")[1] if option != "--help" else page, command)

    def test_has_the_options_and_settings_of_the_service(self):
        page = self.page("man8/drukbox-serve.8.gz")
        for option in re.findall(r"^  (?:-\w,)?(--[a-z-]+)", self.help("serve"), re.M):
            if option != "--help":
                self.assertIn(option, page)
        for setting in re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/settings.md").read_text(), re.M):
            self.assertIn(f"\\fB{setting}\\fR", page)


class ProgramTest(TestCase):
    def test_makes_sandboxes_with_the_helpers_that_were_installed(self):
        service = self.service()
        host = json.loads(self.drukbox("create", "--json").stdout)
        self.assertEqual(host["status"], "active")
        self.assertEqual(self.drukbox("ssh", host["name"], "--", "echo", "hello").stdout, "hello\n")
        self.drukbox("rm", host["name"])
        self.assertEqual(service.hosts(), [])


if __name__ == "__main__":
    main()
