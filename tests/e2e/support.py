"""What the end-to-end tests share: a service of one's own, the command, and a view of the process table."""

import contextlib
import http.client
import http.server
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DRUKBOX = os.environ.get("DRUKBOX") or str(ROOT / "build/release/bin/drukbox")

# Generous: these bounds only end a test that hangs, also on a busy machine and under a sanitizer.
PATIENCE = 60.0


def wait_until(condition, what, timeout=PATIENCE):
    """Polls until the condition gives something true, and returns that."""
    deadline = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"timed out after {timeout:.0f} s: {what}")
        time.sleep(0.02)


class Home:
    """Directories of a test's own, and the environment that keeps every program within them.

    With `user`, who runs this as root gets everything run as that user.
    """

    def __init__(self, user=None):
        # Short, since control sockets lie below it.
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="dbx-"))
        self.program = DRUKBOX
        self.identity = {}
        if user is not None and os.geteuid() == 0:
            self._become(pwd.getpwnam(user))
        self.state = self.path / "state"
        self.data = self.path / "data"
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.path),
            "LANG": "C.UTF-8",
            "STATE_DIR": str(self.state),
            "XDG_DATA_HOME": str(self.data),
            "LISTEN": "127.0.0.1:0",
        }
        for name, value in os.environ.items():
            if name.endswith("SAN_OPTIONS"):
                self.env[name] = value

    def _become(self, account):
        # The programs too: the build may lie where only root can read.
        for helper in pathlib.Path(DRUKBOX).parent.glob("drukbox*"):
            shutil.copy(helper, self.path)
        self.program = str(self.path / "drukbox")
        os.chown(self.path, account.pw_uid, account.pw_gid)
        self.identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    @property
    def keys(self):
        return self.data / "drukbox" / "hosts"

    def sandboxes(self):
        """The directories that the local provider has made."""
        directory = self.state / "local" / "sandboxes"
        if not directory.is_dir():
            return set()
        return {entry.name for entry in directory.iterdir() if not entry.name.startswith(".")}

    def remove(self):
        for keeper in keepers_below(self.state).values():
            kill_tree(keeper)
        shutil.rmtree(self.path, ignore_errors=True)


def processes():
    """pid -> (parent's pid, command line) of every process."""
    table = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):
            stat = pathlib.Path("/proc", entry, "stat").read_text()
            fields = stat[stat.rindex(")") + 2 :].split()
            if fields[0] == "Z":
                continue
            command = pathlib.Path("/proc", entry, "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
            table[int(entry)] = (int(fields[1]), [word.decode(errors="replace") for word in command])
    return table


def keepers_below(state):
    """name -> pid of the keepers of a service's sandboxes, by the directory that they run in."""
    found = {}
    for pid, (_, command) in processes().items():
        with contextlib.suppress(OSError):
            if len(command) == 2 and command[0].endswith("drukbox-keeper"):
                if os.readlink(f"/proc/{pid}/cwd").startswith(str(state) + "/"):
                    found[command[1]] = pid
    return found


def descendants(pid):
    table = processes()
    found = {pid} if pid in table else set()
    grown = True
    while grown:
        children = {child for child, (parent, _) in table.items() if parent in found}
        grown = not children <= found
        found |= children
    return found


def kill_tree(pid):
    for process in descendants(pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def is_listening(port):
    """Whether a TCP socket listens on the port, as the kernel says."""
    wanted = f":{port:04X}"
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(table, encoding="ascii") as lines:
            for line in list(lines)[1:]:
                fields = line.split()
                if fields[1].endswith(wanted) and fields[3] == "0A":
                    return True
    return False


class Service:
    """`drukbox serve --dev` in a home.

    With `mount`, a shell command, in a mount namespace of its own in which that command was run before.
    """

    def __init__(self, home, mount=None, **settings):
        self.home = home
        self.mount = mount
        self.env = {**home.env, **settings}
        self.log_path = home.path / "service.log"
        self.process = None
        self.url = None

    def start(self):
        command = [self.home.program, "serve", "--dev"]
        if self.mount:
            command = ["unshare", "--mount", "sh", "-c", self.mount + ' && exec "$@"', "-", *command]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                command,
                env=self.env,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self.home.path,
                **self.home.identity,
            )
        line = self.process.stdout.readline().decode()
        prefix = "listening on "
        if not line.startswith(prefix):
            self.process.wait(PATIENCE)
            raise AssertionError(f"the service did not start: {line!r}\n{self.log()}")
        self.url = line[len(prefix) :].strip()
        return self

    @property
    def state(self):
        """The state directory as the service sees it."""
        return pathlib.Path(f"/proc/{self.process.pid}/root{self.home.state}")

    @property
    def token(self):
        return (self.state / "token").read_text().strip()

    def log(self):
        return self.log_path.read_text(errors="replace")

    def stop(self):
        """Asks it to end, as an init system does; returns its exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        return self._reap()

    def kill(self):
        self.process.kill()
        self._reap()

    def _reap(self):
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the service did not end\n{self.log()}") from None
        finally:
            self.process.stdout.close()
            self.process = None
        return code

    def request(self, method, path, body=None, headers=None, timeout=PATIENCE):
        """One HTTP request; returns the status and the JSON of the answer."""
        address = urllib.parse.urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=timeout)
        try:
            all_headers = {"Authorization": f"Bearer {self.token}", **(headers or {})}
            if body is not None and not isinstance(body, bytes):
                body = json.dumps(body).encode()
            if body is not None:
                all_headers.setdefault("Content-Type", "application/json")
            connection.request(method, path, body, all_headers)
            answer = connection.getresponse()
            content = answer.read()
            return answer.status, json.loads(content) if content else None
        finally:
            connection.close()

    def hosts(self):
        status, hosts = self.request("GET", "/hosts")
        assert status == 200, hosts
        return hosts


class Command(subprocess.CompletedProcess):
    """A finished `drukbox …`."""

    @property
    def json(self):
        return json.loads(self.stdout)


class TestCase(unittest.TestCase):
    """A test with a home of its own."""

    user = None

    def setUp(self):
        self.home = Home(self.user)
        self.addCleanup(self.home.remove)

    def service(self, mount=None, **settings):
        """A running service that is stopped, and whose exit code is checked, when the test ends."""
        service = Service(self.home, mount, **settings).start()
        self.addCleanup(self._stop, service)
        return service

    def _stop(self, service):
        if service.process is not None:
            code = service.stop()
            self.assertEqual(code, 0, service.log())
        if any(failed_test is not None for failed_test in self._failures()):
            sys.stderr.write(service.log())

    def _failures(self):
        outcome = getattr(self, "_outcome", None)
        result = getattr(outcome, "result", None)
        failures = (result.failures + result.errors) if result is not None else []
        return [test for test, _ in failures if test is self]

    def drukbox(self, *arguments, stdin=None, env=None, timeout=PATIENCE, expect=0):
        """Runs the command to its end and checks its exit code."""
        finished = subprocess.run(
            [self.home.program, *arguments],
            env={**self.home.env, **(env or {})},
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=timeout,
            cwd=self.home.path,
            check=False,
            **self.home.identity,
        )
        if expect is not None:
            self.assertEqual(
                finished.returncode, expect, f"drukbox {arguments}\n{finished.stdout}\n{finished.stderr}"
            )
        return Command(finished.args, finished.returncode, finished.stdout, finished.stderr)

    def assert_nothing_left(self, host, tree):
        """No process, directory or port of a removed sandbox, whose processes were `tree`."""
        wait_until(lambda: not tree & processes().keys(), "the sandbox's processes end")
        self.assertNotIn(host["name"], self.home.sandboxes())
        self.assertFalse(is_listening(host["external_ssh_port"]))
        mounts = pathlib.Path("/proc/self/mountinfo").read_text()
        self.assertNotIn(str(self.home.state), mounts)


def record(**changes):
    """A host as a service tells of it."""
    identifier = changes.get("id") or str(uuid.uuid4())
    host = {
        "id": identifier,
        "name": "sb-" + identifier[-12:],
        "status": "active",
        "provider": "local",
        "image": "host",
        "instance_type": None,
        "disk_gb": None,
        "external_ssh_host": "127.0.0.1",
        "external_ssh_port": 2222,
        "ssh_username": "sandbox",
        "internal_ssh_host": None,
        "known_hosts": "[127.0.0.1]:2222 ssh-ed25519 AAAA\n",
        "tailscale_device_id": None,
        "private_key": None,
        "last_error": "",
        "created_at": "2026-01-02T03:04:05Z",
        "updated_at": "2026-01-02T03:04:05Z",
        "activated_at": None,
        "expires_at": None,
    }
    return {**host, **changes}


class ScriptedService:
    """An HTTP server that answers what a test tells it to, and notes what it was asked."""

    def __init__(self, port=0):
        self.answers = {}
        self.requests = []
        self.gate = threading.Event()  # while it is not set, requests wait for their answers
        self.gate.set()
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                service.requests.append((self.command, self.path, dict(self.headers), body))
                service.gate.wait(PATIENCE)
                status, content, content_type = service.answers.get(
                    (self.command, self.path), (404, b'{"detail":"Not Found"}', "application/json")
                )
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def answer(self, method, path, status, content, content_type="application/json"):
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        self.answers[method, path] = (status, content, content_type)

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def main(machines=False):
    """Runs the tests of a file; `machines`: they need those of a fake cloud."""
    if machines and os.geteuid() != 0:
        print("skipped: only root can have machines of its own")
        sys.exit(0)
    unittest.main(verbosity=2)
