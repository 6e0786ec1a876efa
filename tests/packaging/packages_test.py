"""The Debian packages at work: installed in a test root, the service started as its unit says and used over HTTP,
installed again, removed, purged.

Usage: packages_test.py DIRECTORY_OF_PACKAGES [ROOT_FILE_SYSTEM]. With a root file system, apt installs them there with
what they depend on; without, this machine's own is taken, written on the side, which has all that.
"""

import configparser
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import unittest

from test_root import TestRoot

PACKAGES = pathlib.Path(sys.argv[1])
TREE = sys.argv[2] if len(sys.argv) > 2 else None
NAMES = ("libdrukbox0", "libdrukbox-dev", "drukbox")
PATIENCE = 60.0


def package(name):
    (path,) = PACKAGES.glob(f"{name}_*.deb")
    return path


def field(name, key):
    return subprocess.run(["dpkg-deb", "-f", package(name), key], capture_output=True, text=True, check=True).stdout.strip()


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"timed out: {what}")
        time.sleep(0.05)


class Unit:
    """The installed unit, started by its own words: there is no systemd in a test root."""

    def __init__(self, root):
        self.root = root
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        parser.optionxform = str
        parser.read_string(root.run("cat", "/usr/lib/systemd/system/drukbox.service"))
        self.service = parser["Service"]
        self.process = None
        self.address = None

    def start(self):
        environment = [self.service["Environment"]]
        for line in self.root.run("cat", self.service["EnvironmentFile"]).splitlines():
            if line and not line.startswith("#"):
                environment.append(line)
        self.process = self.root.start(
            "setpriv", "--reuid", self.service["User"], "--regid", self.service["Group"], "--clear-groups",
            *(["--no-new-privs"] if self.service.get("NoNewPrivileges") == "yes" else []),
            "--bounding-set", self.bounding_set(),
            "env", "-i", "PATH=/usr/bin:/bin:/usr/sbin:/sbin", *environment,
            "sh", "-c", f"umask {self.service['UMask']}; cd {self.service['WorkingDirectory']}; "
            f"exec {self.service['ExecStart']}",
            stdout=subprocess.PIPE)  # fmt: skip
        line = self.process.stdout.readline()
        if not line.startswith("listening on http://"):
            raise AssertionError(f"the service did not start: {line!r}")
        self.address = line.split("//")[1].strip()

    def bounding_set(self):
        """As setpriv has it."""
        kept = (name.removeprefix("CAP_").lower() for name in self.service["CapabilityBoundingSet"].split())
        return ",".join(["-all", *(f"+{name}" for name in kept)])

    def pid(self):
        """Of the service itself, which nsenter waits for."""
        return int(pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()[0])

    def stop(self):
        os.kill(self.pid(), signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.process = None
        return code

    def request(self, method, path, token, body=None):
        connection = http.client.HTTPConnection(self.address, timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, json.loads(content) if content else None


class PackagesTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.root = TestRoot(TREE)
        self.addCleanup(self.root.end)
        self.root.path("/tmp/packages").mkdir()
        for name in NAMES:
            self.root.copy_in(package(name), f"/tmp/packages/{name}.deb")

    def install(self):
        files = [f"/tmp/packages/{name}.deb" for name in NAMES]
        if TREE is None:
            self.root.run("dpkg", "--install", *files)
        else:
            self.root.run("apt-get", "install", "--yes", "--reinstall", *files)

    def settings(self):
        return self.root.run("cat", "/etc/drukbox/drukbox.env")

    def token(self):
        return re.search(r"^SERVICE_TOKENS=([0-9a-f]{64})$", self.settings(), re.M)[1]

    def keepers(self):
        return self.root.run("pgrep", "--full", "^[^ ]*drukbox-keeper ", expect=None).split()

    def test_are_installed_started_used_and_removed(self):
        self.install()
        self.check_files()
        self.check_consumer()

        unit = Unit(self.root)
        # Any port, as an administrator would set another one.
        self.root.run("sed", "-i", "$ a LISTEN=127.0.0.1:0", "/etc/drukbox/drukbox.env")
        token = self.token()
        unit.start()
        self.addCleanup(lambda: unit.process and unit.stop())
        host = self.check_sandbox(unit, token)

        # Installed again, as by an upgrade, which stops and starts the service: settings and sandboxes stay.
        settings = self.settings()
        self.assertEqual(unit.stop(), 0)
        self.install()
        self.assertEqual(self.settings(), settings)
        unit.start()
        self.assertEqual(unit.request("GET", f"/hosts/{host['id']}", token)[1]["status"], "active")
        self.assertEqual(len(self.keepers()), 1)

        # Removed: nothing of it runs any more, and what was made with it stays.
        self.assertEqual(unit.stop(), 0)
        self.root.run("dpkg", "--remove", *NAMES)
        wait_until(lambda: not self.keepers(), "the sandboxes end")
        self.assertFalse(self.root.path("/usr/bin/drukbox").exists())
        self.assertFalse(self.root.path("/usr/libexec/drukbox").exists())
        self.assertEqual(self.settings(), settings)
        self.root.run("test", "-s", "/var/lib/drukbox/drukbox.db")
        self.root.run("getent", "passwd", "drukbox")

        # Purged: nothing is left, the range of uids included.
        self.root.run("dpkg", "--purge", *NAMES)
        self.root.run("getent", "passwd", "drukbox", expect=2)
        left = self.root.run(
            "find", "/etc", "/usr", "/var", "-xdev", "-iname", "*drukbox*",
            "-not", "-path", "*/dpkg/*", "-not", "-path", "/var/cache/*")  # fmt: skip
        self.assertEqual(left, "")
        self.root.run("grep", "drukbox", "/etc/subuid", "/etc/subgid", expect=1)

    def check_files(self):
        self.assertEqual(self.root.run("stat", "-c", "%a %U %G", "/etc/drukbox/drukbox.env").strip(), "640 root drukbox")
        self.assertEqual(self.root.run("stat", "-c", "%a %U", "/var/lib/drukbox").strip(), "700 drukbox")
        self.assertRegex(self.root.run("getent", "passwd", "drukbox"), r"^drukbox:.*:/var/lib/drukbox:/usr/sbin/nologin$")
        self.assertEqual(self.root.run("drukbox", "version").strip(), "drukbox " + field("drukbox", "Version").split("-")[0])
        if TREE is None:  # A new file system has no systemd.
            self.root.run("systemd-analyze", "verify", "/usr/lib/systemd/system/drukbox.service")
        for page in ("man1/drukbox.1.gz", "man8/drukbox-serve.8.gz"):
            self.root.run("gzip", "--test", f"/usr/share/man/{page}")

    def check_consumer(self):
        """A program linked with pkg-config, where there is a compiler."""
        if TREE is not None:
            return
        source = pathlib.Path(__file__).resolve().parent / "consumer/main.cpp"
        self.root.copy_in(source, "/tmp/main.cpp")
        self.root.run("sh", "-c", "g++ -std=c++20 /tmp/main.cpp $(pkg-config --cflags --libs drukbox) -o /tmp/consumer")
        self.assertIn("list_hosts failed", self.root.run("/tmp/consumer"))

    def check_sandbox(self, unit, token):
        self.assertEqual(unit.request("GET", "/hosts", "wrong")[0], 403)
        status, report = unit.request("GET", "/doctor", token)
        self.assertEqual((status, report["ok"]), (200, True), report)
        status, host = unit.request("POST", "/hosts", token, {"env": {"GREETING": "hello"}})
        self.assertEqual((status, host["status"]), (201, "active"), host)
        self.root.path("/tmp/key").write_text(host["private_key"])
        self.root.path("/tmp/key").chmod(0o600)
        self.root.path("/tmp/known_hosts").write_text(host["known_hosts"])
        said = self.root.run(
            "ssh", "-F", "none", "-i", "/tmp/key", "-o", "UserKnownHostsFile=/tmp/known_hosts",
            "-p", str(host["external_ssh_port"]), f"{host['ssh_username']}@{host['external_ssh_host']}",
            "echo $GREETING from $(id -un)")  # fmt: skip
        self.assertEqual(said, f"hello from {host['ssh_username']}\n")
        self.assertEqual(len(self.keepers()), 1)
        self.check_uids(unit)
        return host

    def check_uids(self, unit):
        """Everything inside has a uid of the package's range, and nothing can become more than it is."""
        first, count = (
            int(field) for field in re.search(r"^drukbox:(\d+):(\d+)$", self.root.run("cat", "/etc/subuid"), re.M).groups()
        )
        inside = self.root.run("ps", "-C", "guest,bwrap", "-o", "uid=,pid=").split("\n")[:-1]
        self.assertGreaterEqual(len(inside), 2)
        for line in inside:
            uid, pid = line.split()
            self.assertIn(int(uid), range(first, first + count))
            self.assertIn("NoNewPrivs:\t1\n", self.root.run("cat", f"/proc/{pid}/status"))
        self.assertIn("a uid each", json.dumps(unit.request("GET", "/doctor", self.token())[1]))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
