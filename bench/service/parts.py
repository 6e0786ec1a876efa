"""What bench-service measures with and against: servers of its own, and the load generators of Debian."""

import contextlib
import csv
import io
import os
import pathlib
import re
import signal
import socket
import sqlite3
import subprocess
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / "build/release/bin/drukbox"
POSTGRESQL = ROOT / "tests/support/postgresql"
TOKEN = "bench"
CONNECTIONS = 64

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ" + "q" * 43


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def host_rows(count):
    """Rows of active hosts of a provider that the service does not know, so that it leaves them alone."""
    now = int(time.time() * 1_000_000)
    for number in range(count):
        host = uuid.UUID(int=(0x019F << 112) | (7 << 76) | (2 << 62) | number)
        yield {
            "id": str(host),
            "name": f"sb-{host.hex[-12:]}",
            "status": "active",
            "provider": "elsewhere",
            "image": "ghcr.io/example/sandbox:2026-11",
            "external_ssh_host": "198.51.100.7",
            "external_ssh_port": 22000 + number % 1000,
            "ssh_username": "sandbox",
            "known_hosts": f"[198.51.100.7]:{22000 + number % 1000} {KEY}\n",
            "last_error": "",
            "created_at": now + number,
            "updated_at": now + number,
            "activated_at": now + number,
            "expires_at": now + 30 * 86_400_000_000,
            "lease_kind": 0,
            "unclaimed": 0,
            "vm_intent": 1,
            "sealed_private_key": "",
        }


def host_ids(count):
    return [row["id"] for row in host_rows(count)]


class PostgreSQL:
    """A server of its own, with fsync on, and as many databases as wanted."""

    def __init__(self, directory):
        self.directory = directory / "pg"
        run(POSTGRESQL, "start", self.directory)
        self.tools = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]

    def connection(self, database):
        return ["-h", str(self.directory), "-U", "drukbox", database]

    def create(self, database):
        run(self.tools / "createdb", *self.connection(database))
        return f"postgresql://drukbox@/{database}?host={self.directory}"

    def insert(self, database, rows):
        rows = list(rows)
        text = io.StringIO()
        csv.writer(text).writerows(row.values() for row in rows)
        copy = f"COPY hosts ({', '.join(rows[0])}) FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL (last_error, "
        copy += "sealed_private_key))"
        run(self.tools / "psql", *self.connection(database), "-q", "-c", copy, input=text.getvalue())
        run(self.tools / "psql", *self.connection(database), "-q", "-c", "VACUUM ANALYZE")

    def prepare_pgbench(self):
        self.create("pgbench")
        run(self.tools / "pgbench", *self.connection("pgbench"), "-i", "-q")
        self.update = self.directory.parent / "update.sql"
        self.update.write_text(
            "\\set aid random(1, 100000)\n"
            "UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = :aid;\n"
        )

    def pgbench(self, seconds, *arguments):
        text = run(
            self.tools / "pgbench", "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "1",
            "-T", str(seconds), *arguments, *self.connection("pgbench"),
        )  # fmt: skip
        return float(re.search(r"tps = ([\d.]+)", text)[1])

    def selects(self, seconds):
        return self.pgbench(seconds, "-S")

    def updates(self, seconds):
        return self.pgbench(seconds, "-f", str(self.update))

    def stop(self):
        run(POSTGRESQL, "stop", self.directory)


class Service:
    """`drukbox serve` in a directory of its own."""

    def __init__(self, directory, **settings):
        self.directory = directory
        directory.mkdir(exist_ok=True)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(directory),
            "STATE_DIR": str(directory / "state"),
            "LISTEN": "127.0.0.1:0",
            "LOG_LEVEL": "warning",
            "SERVICE_TOKENS": TOKEN,
            "DEFAULT_HOST_PROVIDER": "sim",
            "SIM_ENABLED": "true",
            "RECONCILE_INTERVAL_SECONDS": "86400",
            "SEALING_KEY": "A" * 43 + "=",
            **settings,
        }
        self.process = None

    def start(self):
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "serve"], env=self.environment, stdout=subprocess.PIPE, stderr=log, cwd=self.directory
            )
        line = self.process.stdout.readline().decode().strip()
        if not line.startswith("listening on http://"):
            raise SystemExit(f"the service did not start:\n{(self.directory / 'log').read_text()}")
        self.url = line.removeprefix("listening on ")
        return self

    @property
    def address(self):
        host, _, port = self.url.rpartition("/")[2].rpartition(":")
        return host, int(port)

    def memory_kb(self, name):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{name}:\s+(\d+)", status)[1])

    def forget_peak_memory(self):
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def stop(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
            self.process.stdout.close()
            self.process = None


def sqlite_service(directory, rows):
    """A service on SQLite with so many hosts."""
    service = Service(directory).start()
    service.stop()
    with contextlib.closing(sqlite3.connect(directory / "state/drukbox.db")) as database, database:
        content = list(host_rows(rows))
        marks = ", ".join("?" * len(content[0]))
        database.executemany(
            f"INSERT INTO hosts ({', '.join(content[0])}) VALUES ({marks})",
            [tuple(row.values()) for row in content],
        )
    return service.start()


def postgresql_service(directory, server, rows):
    """A service on a database of that server with so many hosts."""
    name = f"hosts_{rows}"
    service = Service(directory, DATABASE_URL=server.create(name)).start()
    service.stop()
    server.insert(name, host_rows(rows))
    return service.start()


class Nginx:
    """One worker that answers every path with the same bytes."""

    def __init__(self, directory, bodies):
        directory.mkdir()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        locations = ""
        for path, body in bodies.items():
            escaped = body.replace("\\", "\\\\").replace("'", "\\'").replace("$", "${dollar}")
            locations += f"    location {path} {{ return 200 '{escaped}'; }}\n"
        config = directory / "nginx.conf"
        config.write_text(
            f"""worker_processes 1;
daemon off;
pid {directory}/pid;
error_log {directory}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  default_type application/json;
  geo $dollar {{ default "$"; }}
  client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/f;
  uwsgi_temp_path {directory}/u; scgi_temp_path {directory}/s;
  server {{
    listen 127.0.0.1:{port};
{locations}  }}
}}
"""
        )
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-p", directory, "-c", config], stderr=subprocess.PIPE)
        deadline = time.monotonic() + 10
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise SystemExit(f"nginx did not start: {self.process.stderr.read().decode()}")
            time.sleep(0.02)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stderr.close()


class Wrk:
    """wrk with 64 connections, over a list of paths in a random order."""

    SCRIPT = """
local requests = {}
local next = 0
function init(args)
  math.randomseed(tonumber(args[1]))
  local method, paths = args[2], args[3]
  local body = method == "POST" and "{}" or nil
  for path in io.lines(paths) do
    requests[#requests + 1] = wrk.format(method, path, nil, body)
  end
  for i = #requests, 2, -1 do
    local j = math.random(i)
    requests[i], requests[j] = requests[j], requests[i]
  end
end
function request()
  next = next % #requests + 1
  return requests[next]
end
"""

    def __init__(self, directory):
        self.directory = directory
        self.script = directory / "load.lua"
        self.script.write_text(self.SCRIPT)
        self.seed = 0

    def __call__(self, url, seconds, paths, method="GET"):
        self.seed += 1
        listing = self.directory / "paths"
        listing.write_text("\n".join(paths) + "\n")
        text = run(
            "wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds}s", "-s", self.script,
            "-H", f"Authorization: Bearer {TOKEN}", "-H", "Content-Type: application/json",
            url, "--", str(self.seed), method, listing,
        )  # fmt: skip
        if "Non-2xx" in text or "Socket errors" in text:
            raise SystemExit(f"wrk {method} {url}:\n{text}")
        return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
