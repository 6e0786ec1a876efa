"""What the benchmarks of creates share: a service of their own, and how figures are shown."""

import copy
import http.client
import json
import math
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import time

PROGRAM = pathlib.Path(
    os.environ.get("DRUKBOX") or pathlib.Path(__file__).resolve().parent.parent / "build/release/bin/drukbox"
)


def milliseconds(start):
    return (time.perf_counter() - start) * 1000


class Service:
    def __init__(self, home, settings=None):
        self.home = home
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "STATE_DIR": str(home / "state"),
            "LISTEN": "127.0.0.1:0",
            "LOG_LEVEL": "warning",
            **(settings or {}),
        }
        begin = time.perf_counter()
        with open(home / "log", "ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "serve", "--dev"], env=environment, stdout=subprocess.PIPE, stderr=log, cwd=home
            )
        line = self.process.stdout.readline().decode().strip()
        if not line.startswith("listening on http://"):
            sys.exit(f"the service did not start:\n{(home / 'log').read_text()}")
        host, _, port = line.rpartition("/")[2].rpartition(":")
        self.address = (host, int(port))
        self.connect()
        self.request("GET", "/healthz", 200)
        self.start_ms = milliseconds(begin)

    def connect(self):
        self.connection = http.client.HTTPConnection(*self.address, timeout=60)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def another_connection(self):
        """The same service, for another thread."""
        other = copy.copy(self)
        other.connect()
        return other

    def headers(self, body):
        token = (self.home / "state" / "token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return headers

    def encode(self, method, path, body):
        """The bytes of a request, for who sends many at the same moment."""
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"Host": "%s:%d" % self.address, "Content-Length": len(content), **self.headers(body)}
        lines = [f"{method} {path} HTTP/1.1", *[f"{name}: {value}" for name, value in headers.items()], "", ""]
        return "\r\n".join(lines).encode() + content

    def try_request(self, method, path, body=None):
        """Returns the status and what was answered."""
        self.connection.request(method, path, None if body is None else json.dumps(body), self.headers(body))
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def request(self, method, path, expected, body=None):
        status, answer = self.try_request(method, path, body)
        if status != expected:
            sys.exit(f"{method} {path}: {status} {answer.decode(errors='replace')}")
        return json.loads(answer) if answer else None

    def resident_mb(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("no VmRSS")

    def stop(self):
        self.connection.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def check_banner(host):
    with socket.create_connection((host["external_ssh_host"], host["external_ssh_port"]), timeout=30) as ssh:
        if not ssh.recv(64).startswith(b"SSH-2.0-"):
            sys.exit("no SSH banner from " + host["name"])


def processes():
    """Parent and command line of every process."""
    table = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            state, parent = stat[stat.rindex(")") + 2 :].split()[:2]
            if state != "Z":
                table[int(entry.name)] = (int(parent), command)
    return table


def quantile(values, share):
    """The smallest of the values that this share of them does not exceed."""
    return sorted(values)[max(math.ceil(len(values) * share) - 1, 0)]


def show(what, values, unit, bound=None):
    median = statistics.median(values)
    line = f"{what:<34} median {median:7.1f} {unit}   min {min(values):7.1f}   max {max(values):7.1f}"
    met = bound is None or median <= bound
    if bound is not None:
        line += f"   bound {bound} {unit}: {'met' if met else 'MISSED'}"
    print(line)
    return met
