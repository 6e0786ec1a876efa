#!/usr/bin/env python3
"""Starts and stops a container engine of the tests' own, with the sandbox image in it.

    engine.py start docker|podman DIRECTORY    DIRECTORY/docker then holds DOCKER_HOST's value, or `unavailable: WHY`
    engine.py stop docker|podman DIRECTORY

Everything of the engine's lies in DIRECTORY, but for its socket, whose path must be short, and its network. Images are
kept for the next time. Engines of the machine's own are left alone.
"""

import hashlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse

SOURCE = pathlib.Path(__file__).resolve().parents[2]
TAG = "localhost/drukbox/sandbox:latest"
CHANGES = ['ENTRYPOINT ["/usr/local/lib/drukbox/entrypoint"]', "EXPOSE 22"]
START_SECONDS = 60

CONTAINERS_CONF = """
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
network_config_dir = "{directory}/networks"
default_subnet = "{subnet}.0/24"
"""


class Unavailable(Exception):
    pass


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("engine", timeout=300)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Engine:
    def __init__(self, kind, directory):
        self.kind = kind
        self.directory = directory / kind
        self.told = directory / kind / "address"
        digest = hashlib.sha256(str(self.directory).encode()).hexdigest()
        self.run = pathlib.Path(f"/tmp/drukbox-engine-{digest[:12]}")
        self.socket = self.run / "api.sock"
        self.bridge = "dbx" + digest[:8]
        self.subnet = f"10.{200 + int(digest[:2], 16) % 50}.{int(digest[2:4], 16)}"

    def ask(self, method, path, body=None, headers=None):
        connection = UnixConnection(self.socket)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def command(self):
        if self.kind == "podman":
            return ["podman", "--root", self.directory / "root", "--runroot", self.run / "run", "--tmpdir",
                    self.run / "tmp", "system", "service", "--time", "0", f"unix://{self.socket}"]
        return ["dockerd", "--data-root", self.directory / "root", "--exec-root", self.run / "run", "--pidfile",
                self.run / "dockerd.pid", "--host", f"unix://{self.socket}", "--bridge", self.bridge,
                "--iptables=false", "--ip6tables=false", "--ip-masq=false", "--log-level", "warn"]

    def make_bridge(self):
        subprocess.run(["ip", "link", "delete", self.bridge], stderr=subprocess.DEVNULL)
        subprocess.run(["ip", "link", "add", self.bridge, "type", "bridge"], check=True)
        subprocess.run(["ip", "address", "add", f"{self.subnet}.1/24", "dev", self.bridge], check=True)
        subprocess.run(["ip", "link", "set", self.bridge, "up"], check=True)

    def start(self):
        if os.geteuid() != 0:
            raise Unavailable("the tests' own engine needs root")
        if shutil.which(str(self.command()[0])) is None:
            raise Unavailable(f"there is no {self.command()[0]}")
        self.stop()
        self.run.mkdir(mode=0o700)
        environment = dict(os.environ)
        if self.kind == "podman":
            configuration = self.run / "containers.conf"
            configuration.write_text(CONTAINERS_CONF.format(directory=self.run, subnet=self.subnet))
            environment["CONTAINERS_CONF"] = str(configuration)
        else:
            self.make_bridge()
        with open(self.directory / "log", "wb") as log:
            process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       env=environment, start_new_session=True)
        (self.run / "pid").write_text(str(process.pid))
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                if self.ask("GET", "/version")[0] == 200:
                    return
            except OSError:
                pass
            if process.poll() is not None or time.monotonic() > deadline:
                tail = (self.directory / "log").read_text(errors="replace")[-2000:]
                raise Unavailable(f"{self.kind} does not start:\n{tail}")
            time.sleep(0.05)

    def import_image(self):
        built = subprocess.run([SOURCE / "images/sandbox/build", "--tarball"], check=True, stdout=subprocess.PIPE)
        tarball = pathlib.Path(built.stdout.decode().split()[-1])
        imported = self.directory / "imported"
        name = urllib.parse.quote(TAG, safe="")
        if imported.exists() and imported.read_text() == tarball.name:
            if self.ask("GET", f"/images/{name}/json")[0] == 200:
                return
        repository, _, tag = TAG.rpartition(":")
        query = urllib.parse.urlencode([("fromSrc", "-"), ("repo", repository), ("tag", tag)] +
                                       [("changes", change) for change in CHANGES])
        with open(tarball, "rb") as content:
            status, body = self.ask("POST", f"/images/create?{query}", body=content,
                                    headers={"Content-Length": str(tarball.stat().st_size),
                                             "Content-Type": "application/x-tar"})
        if status != 200 or b'"error"' in body:
            raise Unavailable(f"{self.kind} does not import the image: {status} {body[-500:]!r}")
        imported.write_text(tarball.name)

    def stop(self):
        try:
            for container in json.loads(self.ask("GET", "/containers/json?all=true")[1]):
                self.ask("DELETE", f"/containers/{container['Id']}?force=true&v=true")
        except (OSError, ValueError, http.client.HTTPException):
            pass
        self.end_process()
        subprocess.run(["ip", "link", "delete", self.bridge], stderr=subprocess.DEVNULL)
        shutil.rmtree(self.run, ignore_errors=True)
        self.told.unlink(missing_ok=True)

    def end_process(self):
        try:
            pid = int((self.run / "pid").read_text())
            command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return
        # The number may be another process's by now.
        if str(self.socket).encode() not in command:
            return
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 30
        while pathlib.Path(f"/proc/{pid}/cmdline").exists() and time.monotonic() < deadline:
            try:
                if os.waitpid(pid, os.WNOHANG)[0] == pid:
                    return
            except ChildProcessError:
                pass
            time.sleep(0.05)


def main():
    action, kind, directory = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]).resolve()
    engine = Engine(kind, directory)
    engine.directory.mkdir(parents=True, exist_ok=True)
    if action == "stop":
        engine.stop()
        return
    try:
        engine.start()
        engine.import_image()
        engine.told.write_text(f"unix://{engine.socket}")
    except Unavailable as reason:
        engine.stop()
        engine.told.write_text(f"unavailable: {reason}")
    print(engine.told.read_text())


if __name__ == "__main__":
    main()
