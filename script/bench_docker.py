"""Creates on the docker provider, against the engine's own calls and against the command line, in turns."""

import http.client
import io
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time

from bench_support import Service, milliseconds, show

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENGINE = ROOT / "tests/providers/engine.py"
ENGINE_DIR = ROOT / "build/engines"
IMAGE = "localhost/drukbox/sandbox:latest"
ADDED_BOUND_MS = 30
LABEL = "drukbox-bench"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("engine", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Machine:
    """The same container by the engine's own calls: what the provider asks for, and nothing else."""

    def __init__(self, host, home):
        self.path = host.removeprefix("unix://")
        self.connection = UnixConnection(self.path)
        for name in ("host", "caller"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", home / name], check=True)
        self.caller = (home / "caller.pub").read_text().strip()
        self.archive = self.make_archive(home)
        self.count = 0

    def make_archive(self, home):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            def add(path, mode, content):
                entry = tarfile.TarInfo(path)
                entry.mode, entry.size = mode, len(content)
                archive.addfile(entry, io.BytesIO(content))

            add("etc/ssh/ssh_host_ed25519_key", 0o600, (home / "host").read_bytes())
            add("etc/ssh/ssh_host_ed25519_key.pub", 0o644, (home / "host.pub").read_bytes())
            add("root/.ssh/authorized_keys", 0o600, (home / "caller.pub").read_bytes())
        return buffer.getvalue()

    def ask(self, method, path, body=None, kind="application/json"):
        self.connection.request(method, path, body=body, headers={"Content-Type": kind} if body else {})
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            sys.exit(f"{method} {path}: {answer.status} {content.decode(errors='replace')}")
        return json.loads(content) if content else None

    def create(self):
        self.count += 1
        limits = {"Memory": 2 << 30, "MemorySwap": 2 << 30, "PidsLimit": 512}
        body = {
            "Image": IMAGE,
            "Hostname": f"raw-{self.count}",
            "Env": [f"DRUKBOX_AUTHORIZED_KEY={self.caller}", "DRUKBOX_ENV_KEYS="],
            "Labels": {"managed-by": LABEL},
            "ExposedPorts": {"22/tcp": {}},
            "HostConfig": {
                "PortBindings": {"22/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}]},
                "CapDrop": ["ALL"],
                "CapAdd": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETGID",
                           "SETUID", "SYS_CHROOT"],
                "SecurityOpt": ["no-new-privileges"],
                "Ulimits": [{"Name": "nofile", "Soft": 16384, "Hard": 16384}],
                **limits,
            },
        }
        self.id = self.ask("POST", f"/containers/create?name=raw-{os.getpid()}-{self.count}", json.dumps(body))["Id"]
        self.ask("PUT", f"/containers/{self.id}/archive?path=/", self.archive, "application/x-tar")
        self.ask("POST", f"/containers/{self.id}/start")
        state = self.ask("GET", f"/containers/{self.id}/json")
        return int(state["NetworkSettings"]["Ports"]["22/tcp"][0]["HostPort"])

    def remove(self):
        self.ask("DELETE", f"/containers/{self.id}?force=true&v=true")


def wait_for_banner(port):
    """As soon as there is one: what waits for a machine cannot be faster."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=30) as ssh:
                if ssh.recv(64).startswith(b"SSH-2.0-"):
                    return
        except OSError:
            pass
        time.sleep(0.001)
    sys.exit("SSH does not answer")


def run_by_command(command, key):
    """`docker run` and `ssh-keyscan`, as a script would, until there is a host key. Returns the container."""
    container = subprocess.run(
        [*command, "run", "-d", "-p", "127.0.0.1::22", "-e", f"DRUKBOX_AUTHORIZED_KEY={key}", "--memory", "2g",
         "--pids-limit", "512", "--cap-drop", "ALL", "--cap-add", "CHOWN", "--cap-add", "DAC_OVERRIDE", "--cap-add",
         "FOWNER", "--cap-add", "FSETID", "--cap-add", "KILL", "--cap-add", "NET_BIND_SERVICE", "--cap-add", "SETGID",
         "--cap-add", "SETUID", "--cap-add", "SYS_CHROOT", "--security-opt", "no-new-privileges", IMAGE],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode().strip()
    port = subprocess.run([*command, "port", container, "22"], check=True,
                          stdout=subprocess.PIPE).stdout.decode().split(":")[-1].strip()
    for _ in range(100):
        scan = subprocess.run(["ssh-keyscan", "-t", "ed25519", "-p", port, "127.0.0.1"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
        if b"ssh-ed25519" in scan.stdout:
            return container
        time.sleep(0.05)
    sys.exit("ssh-keyscan finds no key")


def rounds(count, host, home):
    machine = Machine(host, home)
    command = ["/usr/bin/docker" if os.path.exists("/usr/bin/docker") else "docker", "-H", host]
    service = Service(home, {"DEFAULT_HOST_PROVIDER": "docker", "DOCKER_HOST": host, "SERVICE_LABEL": LABEL})
    ours, engine, by_command = [], [], []

    def through_the_service():
        begin = time.perf_counter()
        created = service.request("POST", "/hosts", 201)
        ours.append(milliseconds(begin))
        service.request("DELETE", "/hosts/" + created["id"], 204)

    def by_the_engine():
        begin = time.perf_counter()
        wait_for_banner(machine.create())
        engine.append(milliseconds(begin))
        machine.remove()

    def by_the_command():
        begin = time.perf_counter()
        container = run_by_command(command, machine.caller)
        by_command.append(milliseconds(begin))
        subprocess.run([*command, "rm", "-f", "-v", container], check=True, stdout=subprocess.DEVNULL)

    ways = [through_the_service, by_the_engine, by_the_command]
    try:
        for turn in range(count):
            # Whoever comes first pays for a cache that went cold: each in its turn.
            for way in ways[turn % 3:] + ways[:turn % 3]:
                way()
    finally:
        service.stop()
    return ours, engine, by_command


def measure(count):
    host = os.environ.get("DOCKER_HOST", "")
    started = not host
    if started:
        told = subprocess.run([ENGINE, "start", "docker", ENGINE_DIR], check=True, stdout=subprocess.PIPE)
        host = told.stdout.decode().split("\n")[0]
    if not host.startswith("unix://"):
        sys.exit(f"no engine: {host}")
    home = pathlib.Path(tempfile.mkdtemp(prefix="dbx-"))
    try:
        ours, engine, by_command = rounds(count, host, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)
        if started:
            subprocess.run([ENGINE, "stop", "docker", ENGINE_DIR], check=True)

    added = statistics.median(ours) - statistics.median(engine)
    faster = statistics.median(ours) < statistics.median(by_command)
    print(f"{count} creates each way, in turns, each removed before the next")
    show("POST /hosts, until its answer", ours, "ms")
    show("the engine's calls, until a banner", engine, "ms")
    show("docker run and ssh-keyscan", by_command, "ms")
    print(f"added by the service: {added:.1f} ms   bound {ADDED_BOUND_MS} ms: "
          f"{'met' if added <= ADDED_BOUND_MS else 'MISSED'}")
    print(f"faster than the command line: {'yes' if faster else 'NO'}")
    return 0 if added <= ADDED_BOUND_MS and faster else 1
