"""The measures of bench-service that are bound by a time."""

import concurrent.futures
import datetime
import http.client
import json
import statistics
import threading
import time

import parts

HOSTS = 10_000
LIST_BOUND_MS = 100
CLAIM_BOUND_MS = 5
POOL = 64
REPETITIONS = 15


class Client:
    """One kept connection."""

    def __init__(self, service):
        self.connection = http.client.HTTPConnection(*service.address, timeout=60)
        self.connection.connect()

    def request(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {parts.TOKEN}", "Content-Type": "application/json"}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status not in (200, 201, 204):
            raise SystemExit(f"{method} {path}: {answer.status} {content[:200]}")
        return content


def timed(work):
    begin = time.perf_counter()
    result = work()
    return (time.perf_counter() - begin) * 1000, result


def check_list(directory, report, postgresql, started):
    services = {
        "SQLite": parts.sqlite_service(directory / "sqlite-list", HOSTS),
        "PostgreSQL": parts.postgresql_service(directory / "pg-list", postgresql, HOSTS),
    }
    started.extend(services.values())
    for name, service in services.items():
        client = Client(service)
        content = client.request("GET", "/hosts")  # the first fills caches
        if len(json.loads(content)) != HOSTS:
            raise SystemExit(f"GET /hosts lists {len(json.loads(content))} hosts")
        service.forget_peak_memory()
        before = service.memory_kb("VmRSS")
        times = [timed(lambda: client.request("GET", "/hosts"))[0] for _ in range(REPETITIONS)]
        grown = max(service.memory_kb("VmHWM") - before, 0) / 1024
        report.line(
            statistics.median(times) <= LIST_BOUND_MS,
            f"`GET /hosts`, {HOSTS:,} hosts, {name}",
            f"{statistics.median(times):.0f} ms",
            f"{min(times):.0f} to {max(times):.0f}",
            f"{len(content) / 1e6:.1f} MB",
            f"{LIST_BOUND_MS} ms",
        )
        # Flat: what is held is a part of the answer, however long it is.
        size = len(content) / 2**20
        report.line(grown <= size / 4, f"... its memory, {name}", f"{grown:.1f} MiB", "", "", f"{size / 4:.1f} MiB")


def created_before(host, moment):
    return datetime.datetime.fromisoformat(host["created_at"].replace("Z", "+00:00")).timestamp() < moment


def check_claims(directory, report, started):
    # What is not warm takes so long that nobody can take it for a claim.
    service = parts.Service(
        directory / "claims",
        POOL_SIZES=json.dumps({"sim": POOL}),
        POOL_MAX_CREATES_PER_TICK=str(POOL),
        SIM_CREATE_MS="1000",
        SIM_DIRECTORY=str(directory / "claims" / "cloud"),
        RECONCILE_INTERVAL_SECONDS="1",
    ).start()
    started.append(service)
    client = Client(service)
    wait_until_full(client)
    times = []
    claimed = []
    for _ in range(POOL // 2):
        moment = time.time()
        took, content = timed(lambda: client.request("POST", "/hosts", "{}"))
        host = json.loads(content)
        if not created_before(host, moment):
            raise SystemExit("a claim was answered by a host made for it")
        times.append(took)
        claimed.append(host["id"])
    report.line(
        statistics.median(times) <= CLAIM_BOUND_MS,
        "warm claim, one at a time",
        f"{statistics.median(times):.1f} ms",
        f"{min(times):.1f} to {max(times):.1f}",
        "",
        f"{CLAIM_BOUND_MS} ms",
    )
    for host in claimed:
        client.request("DELETE", f"/hosts/{host}")
    wait_until_full(client)
    moment = time.time()
    hosts = claim_at_once(service)
    warm = sum(created_before(host, moment) for host in hosts)
    distinct = len({host["id"] for host in hosts})
    report.line(
        warm == distinct == POOL, f"{POOL} claims at once", f"{warm} warm", "", f"{distinct} hosts", f"{POOL} warm"
    )


def claim_at_once(service):
    ready = threading.Barrier(POOL)

    def claim(_):
        client = Client(service)
        ready.wait()
        return json.loads(client.request("POST", "/hosts", "{}"))

    with concurrent.futures.ThreadPoolExecutor(POOL) as pool:
        return list(pool.map(claim, range(POOL)))


def wait_until_full(client):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        hosts = json.loads(client.request("GET", "/hosts"))
        if [host["status"] for host in hosts] == ["active"] * POOL:
            return
        time.sleep(0.1)
    raise SystemExit("the pool did not fill")
