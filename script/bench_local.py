"""Creates on the local provider: one after another, many at the same moment, and many that stay."""

import contextlib
import datetime
import http.client
import json
import os
import pathlib
import selectors
import shutil
import statistics
import sys
import tempfile
import time

import bench_bwrap
from bench_support import PROGRAM, Service, check_banner, milliseconds, processes, quantile, show

CREATE_BOUND_MS = 60
START_BOUND_MS = 150
MEMORY_BOUND_MB = 25
# Of a burst, to bare bwrap and sshd: what they need is the machine's to give, and a goal in milliseconds with it.
RATE_BOUND = 0.5
BURST_GOAL_MS = 500
STARTS = 7
# So that what a killed benchmark leaves ends by itself.
LEASE_S = 900


@contextlib.contextmanager
def fresh_directory():
    home = pathlib.Path(tempfile.mkdtemp(prefix="dbx-"))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def service_in(home):
    """A service that takes all its sandboxes with it, however the work with it ends."""
    service = Service(home)
    try:
        yield service
    finally:
        if service.process.poll() is not None:
            service = Service(home)
        # Whoever failed may have left an answer half read.
        service.connect()
        for host in service.request("GET", "/hosts", 200):
            service.try_request("DELETE", f"/hosts/{host['id']}?force=true")
        service.stop()


def order():
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=LEASE_S)
    return {"expires_at": until.isoformat()}


def at_once(service, requests):
    """Sends each (method, path, body) on a connection of its own before it reads any answer. Returns for each how
    long its answer took, its status and what it said."""
    connections = [service.another_connection() for _ in requests]
    sockets = [connection.connection.sock for connection in connections]
    waiting = selectors.DefaultSelector()
    for index, sock in enumerate(sockets):
        waiting.register(sock, selectors.EVENT_READ, index)
    took = [0.0] * len(requests)
    encoded = [service.encode(*request) for request in requests]
    begin = time.perf_counter()
    for sock, request in zip(sockets, encoded):
        sock.sendall(request)
    left = len(requests)
    while left > 0:
        for key, _ in waiting.select():
            took[key.data] = milliseconds(begin)
            waiting.unregister(key.fileobj)
            left -= 1
    answers = []
    for index, sock in enumerate(sockets):
        response = http.client.HTTPResponse(sock, method=requests[index][0])
        response.begin()
        answers.append((took[index], response.status, response.read()))
        connections[index].connection.close()
    return answers


def create_at_once(service, count):
    """Returns how long each took, and the hosts."""
    answers = at_once(service, [("POST", "/hosts", order())] * count)
    refused = [text for _, status, text in answers if status != 201]
    if refused:
        sys.exit(f"{len(refused)} of {count} creates failed: {refused[0].decode(errors='replace')}")
    return [took for took, _, _ in answers], [json.loads(text) for _, _, text in answers]


def delete_at_once(service, hosts):
    """Returns how long each took."""
    answers = at_once(service, [("DELETE", "/hosts/" + host["id"], None) for host in hosts])
    refused = [text for _, status, text in answers if status != 204]
    if refused:
        sys.exit(f"{len(refused)} of {len(hosts)} deletes failed: {refused[0].decode(errors='replace')}")
    return [took for took, _, _ in answers]


def measure_starts(home):
    starts, memory = [], []
    for _ in range(STARTS):
        service = Service(home)
        starts.append(service.start_ms)
        memory.append(service.resident_mb())
        service.stop()
    return [
        show("start, until /healthz answers", starts, "ms", START_BOUND_MS),
        show("idle, resident", memory, "MB", MEMORY_BOUND_MB),
    ]


def measure_creates(home, count):
    creates, banners, deletes, bare = [], [], [], []
    with service_in(home) as service, bench_bwrap.BareSandboxes(home) as peer:
        for _ in range(count):
            begin = time.perf_counter()
            host = service.request("POST", "/hosts", 201, order())
            creates.append(milliseconds(begin))
            check_banner(host)
            banners.append(milliseconds(begin))
            begin = time.perf_counter()
            service.request("DELETE", "/hosts/" + host["id"], 204)
            deletes.append(milliseconds(begin))
            bare += peer.start(1)
            peer.end()
    print(f"{count} creates, one after another")
    met = show("create, until its answer", creates, "ms", CREATE_BOUND_MS)
    show("create, until the SSH banner", banners, "ms")
    show("delete", deletes, "ms")
    show("bare bwrap and sshd, to a banner", bare, "ms")
    return [met]


def processor_ms():
    """What the machine's processors have been busy for, the benchmark's own work included."""
    user, nice, system, _, _, irq, softirq = map(int, pathlib.Path("/proc/stat").read_text().split()[1:8])
    return (user + nice + system + irq + softirq) * 1000 / os.sysconf("SC_CLK_TCK")


class Burst:
    """The rounds of one contender."""

    def __init__(self, what):
        self.what = what
        self.half, self.most, self.rates, self.processor = [], [], [], []

    @contextlib.contextmanager
    def round(self):
        """Takes a list that is to be filled with how long each took."""
        took = []
        busy = processor_ms()
        yield took
        self.processor.append((processor_ms() - busy) / len(took))
        self.half.append(quantile(took, 0.5))
        self.most.append(quantile(took, 0.99))
        self.rates.append(len(took) / max(took) * 1000)

    def rate(self):
        return statistics.median(self.rates)

    def show(self):
        show(f"{self.what}, p50", self.half, "ms")
        show(f"{self.what}, p99", self.most, "ms")
        show(f"{self.what}, rate", self.rates, "/s")
        show(f"{self.what}, processor", self.processor, "ms")


def measure_bursts(home, size, rounds):
    ours, bare, deletes = Burst("create"), Burst("bare bwrap and sshd"), []
    with service_in(home) as service, bench_bwrap.BareSandboxes(home) as peer:
        for _ in range(rounds):
            with ours.round() as took:
                times, hosts = create_at_once(service, size)
                took += times
            deletes.append(max(delete_at_once(service, hosts)))
            with bare.round() as took:
                took += peer.start(size)
            peer.end()
    print(f"{size} creates at the same moment, {rounds} rounds")
    ours.show()
    bare.show()
    show("delete, until all are gone", deletes, "ms")
    reached = statistics.median(ours.most) <= BURST_GOAL_MS
    print(f"p99 of a create: the goal of {BURST_GOAL_MS} ms is {'reached' if reached else 'not reached'}")
    ratio = ours.rate() / bare.rate()
    met = ratio >= RATE_BOUND
    print(f"rate to that of bare bwrap and sshd {ratio:.2f}   bound {RATE_BOUND}: {'met' if met else 'MISSED'}")
    return [met]


def memory_available_kb():
    for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1])
    raise RuntimeError("no MemAvailable")


def proportional_kb(pid):
    """What is shared counts by the number of those who share it."""
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise RuntimeError("no Pss")


def trees_of(hosts):
    """For each host its keeper and all that is below it."""
    table = processes()
    children = {}
    keepers = {}
    for pid, (parent, command) in table.items():
        children.setdefault(parent, []).append(pid)
        words = command.split(b"\0")
        if words[0].endswith(b"drukbox-keeper") and len(words) > 1:
            keepers[words[1].decode()] = pid
    trees = []
    for host in hosts:
        tree = [keepers[host["name"]]]
        for pid in tree:
            tree += children.get(pid, [])
        trees.append(tree)
    return trees


def measure_many(home, count, step):
    """Creates and deletes `step` of them at the same moment."""
    hosts = []
    with service_in(home) as service:
        free = memory_available_kb()
        begin = time.perf_counter()
        while len(hosts) < count:
            hosts += create_at_once(service, min(step, count - len(hosts)))[1]
        created = time.perf_counter() - begin
        begin = time.perf_counter()
        for host in hosts:
            check_banner(host)
        answered = time.perf_counter() - begin
        taken = (free - memory_available_kb()) / 1024 / count
        trees = trees_of(hosts)
        mine = os.geteuid() == 0
        proportional = [sum(map(proportional_kb, tree)) / 1024 for tree in trees] if mine else []
        resident = service.resident_mb()
        begin = time.perf_counter()
        for first in range(0, count, step):
            delete_at_once(service, hosts[first : first + step])
        removed = time.perf_counter() - begin
        left = [host["name"] for host in hosts if (home / "state/local/sandboxes" / host["name"]).exists()]
        table = processes()
        left += [pid for tree in trees for pid in tree if pid in table]
    if left:
        sys.exit(f"still there after their removal: {left}")
    print(f"{count} sandboxes at once, all of which answer, and nothing of which is left")
    print(f"created in {created:.1f} s, a banner of each in {answered:.1f} s, removed in {removed:.1f} s")
    print(f"{statistics.median(map(len, trees)):.0f} processes each")
    if proportional:
        show("their memory (PSS), a sandbox", proportional, "MB")
    print(f"less memory available on the machine, a sandbox {taken:.1f} MB")
    print(f"the service, resident {resident:.1f} MB")
    return []


def measure(count, burst, rounds, many):
    met = []
    print(f"program {PROGRAM}, load before it {os.getloadavg()[0]:.1f}")
    with fresh_directory() as home:
        if count > 0:
            met += measure_creates(home, count)
            met += measure_starts(home)
        if burst > 0:
            met += measure_bursts(home, burst, rounds)
        if many > 0:
            met += measure_many(home, many, burst or 100)
    return 0 if all(met) else 1
