"""A PostgreSQL server for a test, on a Unix socket, with fsync on."""

import pathlib
import subprocess
import tempfile

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "support" / "postgresql"


class PostgreSQL:
    def __init__(self):
        # Short, since a socket lies in it; not the test's own directory, which its owner could not enter.
        self.directory = tempfile.mktemp(prefix="dbx-pg-")
        self.url = self._control("start")

    def database(self, name):
        """Makes another one beside the usual one; returns its URL."""
        subprocess.run(["createdb", "-h", self.directory, "-U", "drukbox", name], check=True)
        return f"postgresql://drukbox@/{name}?host={self.directory}"

    def _control(self, command):
        finished = subprocess.run([SCRIPT, command, self.directory], capture_output=True, text=True, check=False)
        if finished.returncode != 0:
            raise AssertionError(f"postgresql {command}: {finished.stderr}")
        return finished.stdout.strip()

    def restart(self):
        """In order: sessions are ended, what was committed is there."""
        self._control("restart")

    def crash(self):
        """As in a power cut, until resume()."""
        self._control("crash")

    def resume(self):
        self._control("resume")

    def stop(self):
        self._control("stop")

    def settings(self):
        """What a service needs to use it."""
        return {"DATABASE_URL": self.url, "SEALING_KEY": "c2VhbGluZy1rZXktb2YtdGhlLXRlc3RzLTMyYnl0ZXM="}
