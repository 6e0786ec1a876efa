"""The vcpkg port, the Conan recipe and the workflows, as far as they can be checked without those who carry them out.

Usage: recipes_test.py CMAKE
"""

import importlib.util
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import types
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CMAKE = sys.argv[1]
VERSION = re.search(r'VERSION_STRING "(.*)"', (ROOT / "include/drukbox/version.hpp").read_text())[1]
OPTIONS = set(re.findall(r"^option\((DRUKBOX_\w+)", (ROOT / "CMakeLists.txt").read_text(), re.M))

# What vcpkg gives a portfile; each says how it was called.
VCPKG = """
set(PORT drukbox)
foreach(name IN ITEMS check_features cmake_configure cmake_install cmake_config_fixup fixup_pkgconfig install_copyright)
  function(vcpkg_${name})
    message("${CMAKE_CURRENT_FUNCTION} ${ARGN}")
    if(CMAKE_CURRENT_FUNCTION STREQUAL "vcpkg_check_features")
      set(FEATURE_OPTIONS -DDRUKBOX_BUILD_TESTING_LIBRARY=ON PARENT_SCOPE)
    endif()
  endfunction()
endforeach()
"""


class VersionTest(unittest.TestCase):
    def test_is_one_thing_in_numbers_and_text(self):
        header = (ROOT / "include/drukbox/version.hpp").read_text()
        numbers = [re.search(rf"VERSION_{part} (\d+)", header)[1] for part in ("MAJOR", "MINOR", "PATCH")]
        self.assertEqual(".".join(numbers), VERSION)

    def test_is_in_the_list_of_changes(self):
        self.assertIn(f"\n## {VERSION}", (ROOT / "CHANGELOG.md").read_text())


class VcpkgTest(unittest.TestCase):
    port = ROOT / "packaging/vcpkg/ports/drukbox"

    def test_manifest_has_what_vcpkg_asks_for(self):
        manifest = json.loads((self.port / "vcpkg.json").read_text())
        self.assertEqual((manifest["name"], manifest["version"], manifest["license"]), ("drukbox", VERSION, "MIT"))
        for dependency in manifest["dependencies"]:
            self.assertRegex(dependency["name"], r"^[a-z0-9]+(-[a-z0-9]+)*$")
            self.assertLessEqual(dependency.keys(), {"name", "version>=", "host", "features", "default-features"})

    def test_portfile_configures_this_tree_with_options_that_it_has(self):
        with tempfile.TemporaryDirectory() as directory:
            script = pathlib.Path(directory, "run.cmake")
            script.write_text(
                "cmake_minimum_required(VERSION 3.25)\n"
                f'set(CURRENT_PACKAGES_DIR "{directory}/packages")\n{VCPKG}include("{self.port}/portfile.cmake")\n'
            )
            done = subprocess.run([CMAKE, "-P", script], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(pathlib.Path(directory, "packages/share/drukbox/usage").is_file())
        configure = re.search(r"^vcpkg_cmake_configure (.*)", done.stderr, re.M)[1]
        self.assertTrue(configure.startswith(f"SOURCE_PATH;{ROOT};OPTIONS;"), configure)
        given = set(re.findall(r"-D(\w+)=", configure))
        self.assertIn("DRUKBOX_BUILD_TESTING_LIBRARY", given)
        self.assertLessEqual(given, OPTIONS)


class ConanTest(unittest.TestCase):
    def load(self):
        """The recipe, in stubs of what it imports."""
        names = ["conan", "conan.tools", "conan.tools.build", "conan.tools.cmake", "conan.tools.files"]
        stubs = {name: mock.MagicMock() for name in names}
        stubs["conan"] = types.ModuleType("conan")
        stubs["conan"].ConanFile = type("ConanFile", (), {"recipe_folder": str(ROOT / "packaging/conan")})
        stubs["conan.tools.files"].load = lambda _, path: pathlib.Path(path).read_text()
        with mock.patch.dict(sys.modules, stubs):
            spec = importlib.util.spec_from_file_location("conanfile", ROOT / "packaging/conan/conanfile.py")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        return module

    def test_recipe_takes_its_version_from_the_header(self):
        recipe = self.load().DrukboxConan()
        recipe.set_version()
        self.assertEqual((recipe.name, recipe.version), ("drukbox", VERSION))

    def test_recipe_sets_options_that_the_build_has(self):
        module = self.load()
        recipe = module.DrukboxConan()
        recipe.options = types.SimpleNamespace(testing=True)
        module.CMakeToolchain.return_value.cache_variables = variables = {}
        recipe.generate()
        self.assertIs(variables["DRUKBOX_BUILD_TESTING_LIBRARY"], True)
        self.assertLessEqual(variables.keys(), OPTIONS)


class WorkflowTest(unittest.TestCase):
    def text(self, name):
        return (ROOT / ".github/workflows" / name).read_text()

    def test_ci_does_on_every_push_and_pull_request_what_decides_here(self):
        text = self.text("ci.yml")
        self.assertRegex(text, r"(?m)^on:\n  push:\n(?:    .*\n)*  pull_request:")
        decides = re.findall(r"(?m)^(script/.*)$", (ROOT / ".ci/run").read_text())
        # Of several presets each has a job of its own.
        each = [f"{script} {argument}".strip() for script, *arguments in map(str.split, decides)
                for argument in arguments or [""]]
        self.assertEqual(each.pop(0), "script/bootstrap")
        self.assertRegex(text, r"(?m)^        run: script/bootstrap$")
        self.assertRegex(text, r"(?m)^        run: \$\{\{ matrix\.run \}\}$")
        jobs = re.findall(r"(?m)^          - name: (\w+) .*\n            run: (.*)$", text)
        self.assertEqual([name for name, _ in jobs], ["lint", "asan", "tsan", "release", "packages"])
        self.assertEqual([run for _, run in jobs], each)

    def test_release_starts_with_a_published_release(self):
        self.assertRegex(self.text("release.yml"), r"(?m)^on:\n  release:\n    types: \[published\]$")

    def test_actions_are_pinned_and_scripts_are_there(self):
        for path in (ROOT / ".github/workflows").iterdir():
            text = path.read_text()
            for action in re.findall(r"uses: (.*)", text):
                self.assertRegex(action, r"^[\w/-]+@[0-9a-f]{40} # v[\d.]+$")
            for script in re.findall(r"(?:script|\.ci)/[\w-]+", text):
                self.assertTrue((ROOT / script).is_file(), script)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
