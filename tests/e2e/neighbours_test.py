"""Several services, and other programs, under one label on one account: none touches what another has made."""

import contextlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import unittest

PROVIDERS = pathlib.Path(__file__).resolve().parent.parent / "providers"
sys.path.append(str(PROVIDERS / "exe"))

from fake_exe import TOKEN, FakeExe
from support import PATIENCE, Home, Service, TestCase, main, wait_until


class Neighbours(TestCase):
    """Nothing is spared for a while: what a round takes for an orphan is gone when it ends."""

    def setUp(self):
        super().setUp()
        self.their_home = Home()
        self.addCleanup(self.their_home.remove)

    def make_host(self, home):
        """The host that a service of this home makes before it ends again."""
        service = Service(home, **self.settings).start()
        try:
            status, host = service.request("POST", "/hosts", timeout=3 * PATIENCE)
            self.assertEqual(status, 201, service.log())
        finally:
            self.assertEqual(service.stop(), 0, service.log())
        return host["name"]

    def round(self, home):
        done = subprocess.run([home.program, "janitor", "--dev"], env={**home.env, **self.settings}, cwd=home.path,
                              capture_output=True, text=True, timeout=3 * PATIENCE, check=False, **home.identity)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        return done.stderr

    def execute(self, home, statement):
        with contextlib.closing(sqlite3.connect(home.state / "drukbox.db")) as database, database:
            return database.execute(statement).fetchall()

    def hosts(self, home):
        return dict(self.execute(home, "SELECT name, status FROM hosts"))


class SimNeighbours(Neighbours):
    def setUp(self):
        super().setUp()
        self.cloud = self.home.path / "cloud"
        self.settings = {
            "DEFAULT_HOST_PROVIDER": "sim",
            "SIM_DIRECTORY": str(self.cloud),
            "ORPHAN_GRACE_SECONDS": "0",
            "RECONCILE_INTERVAL_SECONDS": "3600",
        }

    def machines(self):
        return {file.name for file in (self.cloud / "machines").iterdir()}

    def put(self, name, machine):
        (self.cloud / "machines" / name).write_text(json.dumps(machine))

    def machine(self, name):
        return json.loads((self.cloud / "machines" / name).read_text())

    def test_services_and_the_original_remove_nothing_of_each_other(self):
        ours, theirs = self.make_host(self.home), self.make_host(self.their_home)
        original = "sb-0123456789ab"
        self.put(original, {"label": "drukbox", "image": "i", "visible_at": 0})
        everything = {ours, theirs, original}
        for _ in range(2):
            for home in (self.home, self.their_home):
                log = self.round(home)
                self.assertIn(f"reconciler.unmanaged_vm provider=sim vm={original}", log)
                self.assertEqual(self.machines(), everything)
        self.assertEqual(self.hosts(self.home), {ours: "active"})
        self.assertEqual(self.hosts(self.their_home), {theirs: "active"})

        # What is ours and has no row is an orphan, and ours only.
        self.put("sb-0123456789ac", self.machine(ours))
        self.round(self.their_home)
        self.assertEqual(self.machines(), everything | {"sb-0123456789ac"})
        self.assertIn("reconciler.orphan", self.round(self.home))
        self.assertEqual(self.machines(), everything)

    def test_a_machine_from_before_there_were_marks_stays_with_its_row(self):
        name = self.make_host(self.home)
        unmarked = self.machine(name)
        del unmarked["installation"]
        self.put(name, unmarked)
        self.round(self.home)
        self.assertEqual(self.hosts(self.home), {name: "active"})
        service = self.service(**self.settings)
        self.assertEqual(service.request("DELETE", "/hosts/" + service.hosts()[0]["id"]), (204, None))
        self.assertEqual(self.machines(), set())

    def test_a_copy_that_is_given_an_id_of_its_own_leaves_the_hosts_to_the_original(self):
        name = self.make_host(self.home)
        shutil.copytree(self.home.state, self.their_home.state)
        self.execute(self.their_home, "DELETE FROM installation")

        def forgotten():
            self.round(self.their_home)
            return not self.hosts(self.their_home)

        wait_until(forgotten, "the copy takes its hosts for lost")
        self.round(self.home)
        self.assertEqual(self.machines(), {name})
        self.assertEqual(self.hosts(self.home), {name: "active"})


@unittest.skipIf(os.geteuid() != 0, "only root can have machines of its own")
class ExeNeighbours(Neighbours):
    def setUp(self):
        super().setUp()
        self.exe = FakeExe()
        self.addCleanup(self.exe.stop)
        self.settings = {
            "DEFAULT_HOST_PROVIDER": "exe",
            "EXE_API_URL": self.exe.url,
            "EXE_API_TOKEN": TOKEN,
            "EXE_DEFAULT_IMAGE": "exeuntu",
            # Of a machine that is busy with other tests.
            "EXE_BOOTSTRAP_SSH_TIMEOUT_SECONDS": "120",
            "ORPHAN_GRACE_SECONDS": "0",
            "RECONCILE_INTERVAL_SECONDS": "3600",
        }

    def test_services_and_the_original_remove_nothing_of_each_other(self):
        ours, theirs = self.make_host(self.home), self.make_host(self.their_home)
        original = "sb-0123456789ab"
        self.exe.vms[original] = {"machine": None, "tags": ["managed-by-drukbox"], "script": None, "image": "i"}
        for home in (self.home, self.their_home, self.home):
            self.round(home)
        self.assertEqual(set(self.exe.vms), {ours, theirs, original})
        self.assertEqual(self.hosts(self.home), {ours: "active"})
        self.assertEqual(self.hosts(self.their_home), {theirs: "active"})


if __name__ == "__main__":
    main()
