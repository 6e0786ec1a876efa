"""script/demo, to its end and interrupted at any moment."""

import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

from support import DRUKBOX, PATIENCE, ROOT, keepers_below, kill_tree, main, processes, wait_until


class Demo(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="dbx-")
        self.addCleanup(directory.cleanup)
        self.tmp = pathlib.Path(directory.name)

    def start(self):
        env = {**os.environ, "DRUKBOX": DRUKBOX, "TMPDIR": str(self.tmp), "HOME": str(self.tmp)}
        demo = subprocess.Popen([ROOT / "script/demo"], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, start_new_session=True)
        self.addCleanup(kill_tree, demo.pid)
        self.addCleanup(demo.stdout.close)
        return demo

    def ours(self):
        """Processes that use our directory."""
        found = []
        for pid in processes():
            try:
                environment = pathlib.Path("/proc", str(pid), "environ").read_bytes()
            except OSError:
                continue
            if f"TMPDIR={self.tmp}\0".encode() in environment:
                found.append(pid)
        return found

    def assert_nothing_left(self):
        wait_until(lambda: not keepers_below(self.tmp) and not self.ours(), "every process ends")
        self.assertEqual(list(self.tmp.iterdir()), [])

    def test_shows_everything_and_leaves_nothing(self):
        demo = self.start()
        output, _ = demo.communicate(timeout=PATIENCE)
        self.assertEqual(demo.returncode, 0, output)
        self.assertIn("CapEff:\t0000000000000000", output)
        self.assertIn("no way out", output)
        self.assertTrue(output.endswith("no row\nthe service ended as asked\nno process\nno file\n"), output)
        self.assert_nothing_left()

    def test_leaves_nothing_when_interrupted_at_any_step(self):
        steps = ["start the service", "make a sandbox", "list", "run a command", "copy a file", "remove it",
                 "make one for"]
        for number, step in enumerate(steps):
            interrupt = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)[number % 3]
            with self.subTest(step, interrupt=interrupt.name):
                demo = self.start()
                for line in demo.stdout:
                    if line.startswith("== " + step):
                        break
                demo.send_signal(interrupt)
                demo.stdout.read()
                self.assertEqual(demo.wait(PATIENCE), 128 + interrupt)
                self.assert_nothing_left()

    def test_leaves_nothing_when_it_fails(self):
        program = self.tmp / "drukbox"
        program.write_text(f'#!/bin/sh\n[ "$1" != renew ] || exit 9\nexec {DRUKBOX} "$@"\n')
        program.chmod(0o700)
        env = {**os.environ, "DRUKBOX": str(program), "TMPDIR": str(self.tmp)}
        done = subprocess.run([ROOT / "script/demo"], env=env, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 9)
        program.unlink()
        self.assert_nothing_left()


if __name__ == "__main__":
    main()
