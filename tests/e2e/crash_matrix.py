"""The crash matrix: a service on the simulated provider is killed at a named place while clients create, renew and
delete; what its successor, or the other replica, makes of it is compared with what the clients were told.

Usage: crash_matrix.py [RUNS] [--seed SEED] [--database sqlite|postgresql] [--parallel N]

Each run is drawn from its seed, which is printed: RUNS 1 with --seed repeats it.
"""

import argparse
import base64
import collections
import concurrent.futures
import http.client
import os
import pathlib
import random
import shutil
import signal
import socket
import struct
import sys
import threading
import time
import urllib.parse

from postgresql import PostgreSQL
from support import Home, Service, wait_until

TOKEN = "crash-test-token"
SEALING_KEY = base64.b64encode(b"c" * 32).decode()
# What the service promises: for a restart, and for the other replica.
RECOVERY = 10.0
TAKEOVER = 15.0
# A place that is not passed within this time is not on the way of the run: the service is killed where it is.
WORKLOAD = 4.0

# How often each step is passed in a run at least, as a rule: the n-th time is drawn from it.
STEPS = {
    "reserve": 6, "begin_vm": 6, "begin_bootstrap": 6, "activate": 6, "fail": 2, "hand_over": 2, "claim": 1,
    "claim_from_pool": 6, "finish_claim": 2, "request_teardown": 2, "take_for_teardown": 2, "erase": 2, "renew": 1,
    "let_go": 1, "take_over": 1, "finish_takeover": 1, "extend_grace": 3, "forget": 2,
    "provider.create": 6, "provider.wait_until_reachable": 6, "provider.set_deadline": 6, "provider.remove": 2,
    "provider.list": 2, "provider.replace_key": 2,
}  # fmt: skip
# A cloud that refuses every third removal refuses one ten times over, now and then: whoever has to agree with it in time
# is refused less often.
SURVIVOR = {"SIM_REMOVE_FAILURES": "0.1"}
# Steps that are on the way only if these things happen.
AFTER_FAILURES = {"fail", "hand_over", "let_go", "take_for_teardown", "provider.remove"}
WITH_POOL = {"finish_claim", "provider.replace_key", "take_over", "finish_takeover"}
# Steps of a successor, which has this much to do because its predecessor was killed here.
AFTER_A_CRASH = {"take_over": "after:claim_from_pool:1", "finish_takeover": "after:claim_from_pool:2"}


class Replica(Service):
    """A service with a state directory of its own, on a database and a simulated cloud that it may share."""

    token = TOKEN

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def reap(self):
        if self.process is not None:
            self.process.kill()
            self._reap()


def public_half(private_key):
    """The public key that an unencrypted OpenSSH private key holds, as in an authorized_keys line."""
    data = base64.b64decode("".join(private_key.strip().splitlines()[1:-1]))
    offset = len(b"openssh-key-v1\0")
    for _ in range(3):  # cipher, key derivation and its options
        (length,) = struct.unpack_from(">I", data, offset)
        offset += 4 + length
    (length,) = struct.unpack_from(">I", data, offset + 4)
    return "ssh-ed25519 " + base64.b64encode(data[offset + 8 : offset + 8 + length]).decode()


class Failed(AssertionError):
    pass


def check(condition, what):
    if not condition:
        raise Failed(what)


class Run:
    def __init__(self, seed, database_kind, postgresql):
        self.seed = seed
        self.random = random.Random(seed)
        self.kind = database_kind
        self.replicated = database_kind == "postgresql" and self.random.random() < 0.4
        step = self.random.choice(sorted(STEPS))
        when = self.random.choice(("before", "after"))
        self.failpoint = f"{when}:{step}:{self.random.randint(1, STEPS[step])}"
        self.first_failpoint = AFTER_A_CRASH.get(step)
        if self.first_failpoint:
            self.replicated = False
        self.homes = [Home() for _ in range(2 if self.replicated else 1)]
        self.cloud = self.homes[0].path / "cloud"
        if self.kind == "postgresql":
            url = postgresql.database(f"run_{seed}")
        else:
            url = f"sqlite:///{self.homes[0].path}/drukbox.db"
        pooled = step in WITH_POOL or self.random.random() < 0.5
        rate = "0.3" if step in AFTER_FAILURES else "0.1"
        self.settings = {
            "DATABASE_URL": url,
            "DEFAULT_HOST_PROVIDER": "sim",
            "SERVICE_TOKENS": TOKEN,
            "SEALING_KEY": SEALING_KEY,
            "RECONCILE_INTERVAL_SECONDS": "1",
            "POOL_SIZES": '{"sim": 3}' if pooled else "{}",
            "SIM_DIRECTORY": str(self.cloud),
            "SIM_CREATE_MS": "30",
            "SIM_BOOT_MS": "20",
            "SIM_REMOVE_MS": "10",
            "SIM_JITTER": "0.9",
            "SIM_VISIBILITY_MS": "400",
            "SIM_LOST_ANSWERS": self.random.choice(("0", "0.1")),
            "SIM_CREATE_FAILURES": rate,
            "SIM_REMOVE_FAILURES": rate,
            "SIM_LIST_FAILURES": self.random.choice(("0", "0.1")),
            "SIM_SEED": str(seed),
            "SIM_MINTS_KEY": "true",
            "SIM_REPLACES_KEY": "true" if step == "provider.replace_key" else self.random.choice(("true", "false")),
        }
        if step == "extend_grace":
            self.settings |= {"PROVISIONING_GRACE_SECONDS": "2", "SIM_CREATE_MS": "1200"}
        self.services = []
        self.lock = threading.Lock()
        self.handed_out = collections.defaultdict(dict)  # key -> host id -> private key
        self.deleted = set()
        self.reached = False

    def describe(self):
        replicas = "two replicas" if self.replicated else "one service"
        where = self.failpoint if self.reached else f"{self.failpoint}, not passed"
        return f"seed {self.seed} {self.kind}, {replicas}, killed at {where}"

    def start(self, home, **more):
        return Replica(home, **{**self.settings, **more}).start()

    # What clients do. A request may fail in any way while a service dies.

    def request(self, service, method, path, headers=None):
        try:
            return service.request(method, path, {} if method == "POST" else None, headers, timeout=20)
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            return 0, None

    def create(self, service, key):
        status, host = self.request(service, "POST", "/hosts", {"Idempotency-Key": key})
        if status == 201:
            with self.lock:
                keys = self.handed_out[key]
                if host["private_key"] or host["id"] not in keys:
                    check(keys.get(host["id"]) in (None, host["private_key"]), f"{key} has another private key")
                    keys[host["id"]] = host["private_key"]
        return status, host

    def hang_up(self, service, key):
        """A create whose caller does not wait for the answer."""
        try:
            address = urllib.parse.urlsplit(service.url)
            with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
                connection.sendall(
                    f"POST /hosts HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {TOKEN}\r\n"
                    f"Idempotency-Key: {key}\r\nContent-Length: 0\r\n\r\n".encode()
                )
                time.sleep(0.01)
        except OSError:
            pass

    def client(self, number, choice):
        """One key: created, sometimes asked for again, renewed or deleted."""
        key = f"key-{number}"
        service = choice.choice(self.services)
        if choice.random() < 0.3:
            self.hang_up(service, key)
            time.sleep(0.3)
        status, host = self.create(service, key)
        if status != 201:
            return
        action = choice.random()
        if action < 0.3:
            self.create(choice.choice(self.services), key)
        elif action < 0.5:
            self.request(service, "POST", f"/hosts/{host['id']}/renew")
        elif action < 0.75:
            with self.lock:
                self.deleted.add(key)
            self.request(choice.choice(self.services), "DELETE", f"/hosts/{host['id']}")

    # What must hold.

    def machines(self):
        directory = self.cloud / "machines"
        names = os.listdir(directory) if directory.is_dir() else []
        return {name for name in names if not name.startswith(".")}

    def agreed(self, service):
        status, hosts = self.request(service, "GET", "/hosts")
        if status != 200 or any(host["status"] != "active" for host in hosts):
            return False
        return {host["name"] for host in hosts} == self.machines()

    def settle(self, service, limit, what):
        try:
            wait_until(lambda: self.agreed(service), what, limit)
        except AssertionError:
            _, hosts = self.request(service, "GET", "/hosts")
            rows = sorted((host["name"], host["status"], host["last_error"]) for host in hosts or [])
            raise Failed(f"{what}: rows {rows}, machines {sorted(self.machines())}") from None

    def until_created(self, service, key):
        for _ in range(100):
            status, host = self.create(service, key)
            if status == 201:
                return host
            check(status in (502, 503), f"{key} is answered {status} {host}")
            time.sleep(0.05)
        raise Failed(f"{key} gets no host")

    def verify(self, service):
        answered = {key: set(hosts) for key, hosts in self.handed_out.items()}
        for number in range(self.clients):
            key = f"key-{number}"
            if key in self.deleted:
                continue
            host = self.until_created(service, key)
            if key in answered:
                check(host["id"] in answered[key], f"{key} was lost: it had {answered[key]}, has {host['id']}")
            check(len(self.handed_out[key]) == 1, f"{key} was handed out as {self.handed_out[key]}")
        for key in self.deleted:
            for host_id in self.handed_out[key]:
                for _ in range(100):
                    status, _ = self.request(service, "DELETE", f"/hosts/{host_id}")
                    if status in (204, 404):
                        break
                check(status in (204, 404), f"deleting {key} is answered {status}")
        self.settle(service, RECOVERY, "rows and machines agree in the end")
        status, hosts = self.request(service, "GET", "/hosts")
        present = {host["id"] for host in hosts}
        names = {host["id"]: host["name"] for host in hosts}
        for key, ids in self.handed_out.items():
            if key in self.deleted:
                check(not present & ids.keys(), f"{key} was deleted and is there")
            else:
                check(ids.keys() <= present, f"{key} has no host")
                for host_id, private_key in ids.items():
                    installed = (self.cloud / "keys" / names[host_id]).read_text().strip()
                    check(public_half(private_key) == installed, f"{key} does not log in to its machine")

    def workload(self):
        self.clients = 12
        deadline = time.monotonic() + WORKLOAD
        with concurrent.futures.ThreadPoolExecutor(self.clients) as pool:
            pending = [
                pool.submit(self.client, number, random.Random(f"{self.seed}-{number}"))
                for number in range(self.clients)
            ]
            while self.services[0].alive() and time.monotonic() < deadline:
                if all(task.done() for task in pending) and time.monotonic() > deadline - WORKLOAD / 2:
                    break
                time.sleep(0.005)
            self.reached = not self.services[0].alive()
            killed = time.monotonic()
            self.services[0].reap()
            if not self.replicated:
                # Before the last answers are in: clients meet the end of the service and nothing else.
                self.services[0] = self.start(self.homes[0], **SURVIVOR)
            for task in pending:
                task.result()
        return killed

    def crash_first(self):
        """Leaves a successor something to take over."""
        service = self.services[0]
        for number in range(3):
            if service.alive():
                self.create(service, f"key-{number}")
        service.reap()

    def carry_out(self):
        try:
            if self.first_failpoint:
                self.services.append(self.start(self.homes[0], DRUKBOX_FAILPOINT=self.first_failpoint))
                wait_until(lambda: len(self.machines()) >= 3, "the pool is full", RECOVERY)
                self.crash_first()
            self.services[:] = [self.start(self.homes[0], DRUKBOX_FAILPOINT=self.failpoint)]
            for home in self.homes[1:]:
                self.services.append(self.start(home, **SURVIVOR))
            killed = self.workload()
            survivor = self.services[-1]
            limit = TAKEOVER if self.replicated else RECOVERY
            self.settle(survivor, killed + limit - time.monotonic(), "rows and machines agree")
            settled = time.monotonic() - killed
            self.verify(survivor)
            return settled
        except BaseException:
            for home in self.homes:
                keep = pathlib.Path(f"/tmp/drukbox-crash-{self.seed}-{home.path.name}")
                shutil.copytree(home.path, keep, dirs_exist_ok=True, ignore=shutil.ignore_patterns("control"))
            raise
        finally:
            for service in self.services:
                service.reap()
            for home in self.homes:
                home.remove()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="?", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--database", choices=("sqlite", "postgresql"))
    parser.add_argument("--parallel", type=int, default=3)
    arguments = parser.parse_args()
    first = arguments.seed if arguments.seed is not None else int(time.time())
    kinds = [arguments.database] if arguments.database else ["sqlite", "postgresql"]
    postgresql = PostgreSQL() if "postgresql" in kinds else None
    failed = 0
    slowest = collections.defaultdict(float)
    reached = set()

    def one(seed):
        run = Run(seed, kinds[seed % len(kinds)], postgresql)
        return run, run.carry_out()

    try:
        with concurrent.futures.ThreadPoolExecutor(arguments.parallel) as pool:
            tasks = {pool.submit(one, first + number): first + number for number in range(arguments.runs)}
            for task in concurrent.futures.as_completed(tasks):
                try:
                    run, settled = task.result()
                except Exception as error:
                    failed += 1
                    print(f"FAILED seed {tasks[task]}: {error}", flush=True)
                    continue
                kind = "two replicas" if run.replicated else "restart"
                slowest[kind] = max(slowest[kind], settled)
                if run.reached:
                    reached.add(run.failpoint.rsplit(":", 1)[0])
                print(f"ok {run.describe()}: agreed after {settled:.1f} s", flush=True)
    finally:
        if postgresql:
            postgresql.stop()
    print(f"{arguments.runs} runs, {failed} failed; killed at {len(reached)} of {2 * len(STEPS)} places")
    for kind, seconds in sorted(slowest.items()):
        print(f"slowest {kind}: {seconds:.1f} s")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main()
