"""The published Python clients, each unchanged, against the service: every operation and every error of each.

Takes the clients from build/python-env/clients (script/python-env) and prints which versions it used.
"""

import contextlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
import support  # noqa: E402

ENV = support.ROOT / "build/python-env"
TOKEN = "conformance"
PACKAGES = {"drukbox-python-sdk": "client_checks.py", "litterbox-python-sdk": None}
SERVICES = {
    "PLAIN": {"DEFAULT_HOST_PROVIDER": "sim", "SIM_MINTS_KEY": "true"},
    "REFUSING": {"DEFAULT_HOST_PROVIDER": "sim", "SIM_CREATE_FAILURES": "1", "RECONCILE_INTERVAL_SECONDS": "3600"},
    "KEEPING": {"DEFAULT_HOST_PROVIDER": "sim", "SIM_REMOVE_FAILURES": "1"},
    "SLOW": {"DEFAULT_HOST_PROVIDER": "sim", "SIM_CREATE_MS": "1500"},
    "POOLED": {"DEFAULT_HOST_PROVIDER": "sim", "POOL_SIZE": "1"},
    "LOCAL": {"DEFAULT_HOST_PROVIDER": "local"},
}


def clients():
    """package -> its versions, the oldest first, with the directory of each."""
    found = {package: [] for package in PACKAGES}
    for directory in (ENV / "clients").iterdir():
        package, version = directory.name.rsplit("-", 1)
        if package in found:
            found[package].append((tuple(int(part) for part in version.split(".")), directory))
    return {package: sorted(versions) for package, versions in found.items()}


def prefix_of(version):
    """Clients from 0.0.7 to 0.2.0 fail on a key that those from 0.3.0 on require: they have a view of their own."""
    return "/v0.2" if (0, 0, 7) <= version < (0, 3) else ""


class Conformance(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.env = {"PATH": os.environ["PATH"], "TOKEN": TOKEN, "NOWHERE": "http://127.0.0.1:1"}
        for name, settings in SERVICES.items():
            home = support.Home()
            cls.stack.callback(home.remove)
            service = support.Service(home, SERVICE_TOKENS=TOKEN, SIM_ENABLED="true", **settings).start()
            cls.stack.callback(service.stop)
            cls.env[name] = service.url

    def check(self, package, version, directory):
        """Runs the checks in a process of their own: one package cannot be imported in two versions."""
        with tempfile.NamedTemporaryFile(mode="r", encoding="utf-8") as beyond:
            begun = time.monotonic()
            run = subprocess.run(
                [str(ENV / "bin/python"), "-W", "error::ResourceWarning", str(HERE / PACKAGES[package])],
                env={**self.env, "PREFIX": prefix_of(version), "BEYOND": beyond.name, "PYTHONPATH": str(directory)},
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            return run, time.monotonic() - begun, beyond.read().splitlines()

    def test_published_clients(self):
        jobs = [
            (package, version, directory)
            for package, versions in clients().items()
            for version, directory in versions
        ]
        self.assertTrue(jobs, "no client below build/python-env: run script/python-env")
        with ThreadPoolExecutor(max_workers=3) as pool:
            outcomes = list(pool.map(lambda job: self.check(*job), jobs))
        for (package, version, directory), (run, seconds, beyond) in zip(jobs, outcomes):
            summary = re.search(r"Ran (\d+) tests.*\n\n(.*)", run.stderr)
            name = f"{package} {'.'.join(map(str, version))}"
            view = prefix_of(version) or "the plain view"
            print(f"{name} ({view}): {summary.group(1) if summary else 0} tests in {seconds:.1f} s, "
                  f"{summary.group(2) if summary else 'not run'}")
            for line in beyond:
                print(f"    beyond the contract, {line}")
            with self.subTest(client=name):
                self.assertEqual(run.returncode, 0, run.stderr)
        for package, versions in clients().items():
            if not versions:
                print(f"{package}: skipped, PyPI has no version of it")


if __name__ == "__main__":
    unittest.main()
