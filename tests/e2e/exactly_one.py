"""Creates on the simulated provider, with dropped responses, retries, lost provider answers and machines that show
late: every key has one host ever handed out, and whatever else came into being at the provider is soon gone.

Usage: exactly_one.py [COUNT] [--seed SEED] [--database sqlite|postgresql] [--restarts N]

On PostgreSQL the callers use two replicas at random, and the database is restarted N times under them.
"""

import argparse
import collections
import concurrent.futures
import http.client
import json
import os
import random
import socket
import sys
import threading
import time
import urllib.parse

from crash_matrix import SEALING_KEY, TOKEN, Replica
from postgresql import PostgreSQL
from support import Home, wait_until

CLEAN = 30.0
WIDTH = 32


class Callers:
    def __init__(self, services, seed):
        self.services = services
        self.seed = seed
        self.lock = threading.Lock()
        self.handed_out = collections.defaultdict(set)
        self.counts = collections.Counter()
        self.done = 0

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    def drop(self, url, key, patience):
        """Sends a create and hangs up after a while, before or while it is answered."""
        address = urllib.parse.urlsplit(url)
        head = (
            f"POST /hosts HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {TOKEN}\r\n"
            f"Idempotency-Key: {key}\r\nContent-Length: 0\r\n\r\n"
        )
        with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
            connection.sendall(head.encode())
            time.sleep(patience)
        self.count("dropped")

    def create(self, url, key):
        address = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        try:
            connection.request(
                "POST", "/hosts", headers={"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": key}
            )
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def one(self, number):
        choice = random.Random(f"{self.seed}-{number}")
        key = f"key-{number}"
        while True:
            url = choice.choice(self.services).url
            if choice.random() < 0.3:
                self.drop(url, key, choice.random() * 0.12)
                continue
            status, answer = self.create(url, key)
            self.count(status)
            if status == 201:
                self.handed_out[key].add(answer["id"])
                if choice.random() < 0.7:
                    with self.lock:
                        self.done += 1
                    return
            elif status not in (502, 503):
                raise AssertionError(f"{key} is answered {status} {answer}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", nargs="?", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--restarts", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.restarts and arguments.database != "postgresql":
        parser.error("only PostgreSQL can be restarted")
    print(f"seed {arguments.seed}", flush=True)
    postgresql = PostgreSQL() if arguments.database == "postgresql" else None
    homes = [Home() for _ in range(2 if postgresql else 1)]
    cloud = homes[0].path / "cloud"
    settings = {
        "DATABASE_URL": postgresql.database("exactly_one") if postgresql else f"sqlite:///{homes[0].path}/drukbox.db",
        "DEFAULT_HOST_PROVIDER": "sim",
        "SERVICE_TOKENS": TOKEN,
        "SEALING_KEY": SEALING_KEY,
        "RECONCILE_INTERVAL_SECONDS": "2",
        "LOG_LEVEL": "warning",
        "SIM_DIRECTORY": str(cloud),
        "SIM_CREATE_MS": "40",
        "SIM_BOOT_MS": "20",
        "SIM_JITTER": "0.9",
        "SIM_VISIBILITY_MS": "3000",
        "SIM_CREATE_FAILURES": "0.05",
        "SIM_BOOT_FAILURES": "0.02",
        "SIM_LIST_FAILURES": "0.1",
        "SIM_REMOVE_FAILURES": "0.1",
        "SIM_LOST_ANSWERS": "0.1",
        "SIM_MINTS_KEY": "true",
        "SIM_SEED": str(arguments.seed),
    }
    services = []
    try:
        for home in homes:
            services.append(Replica(home, **settings).start())
        callers = Callers(services, arguments.seed)
        begin = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(WIDTH) as pool:
            keys = [pool.submit(callers.one, number) for number in range(arguments.count)]
            for restart in range(arguments.restarts):
                share = arguments.count * (restart + 1) // (arguments.restarts + 1)
                wait_until(lambda: callers.done >= share or any(key.done() and key.exception() for key in keys),
                           "keys have their hosts", 600)
                postgresql.restart()
            for key in keys:
                key.result()
        took = time.monotonic() - begin
        made = {entry for entry in os.listdir(cloud / "machines") if not entry.startswith(".")}
        print(f"{arguments.count} keys in {took:.1f} s: {dict(callers.counts)}; {len(made)} machines", flush=True)
        doubled = {key: ids for key, ids in callers.handed_out.items() if len(ids) != 1}
        if doubled or len(callers.handed_out) != arguments.count:
            sys.exit(f"FAILED: {len(callers.handed_out)} keys have hosts; more than one: {doubled}")

        begin = time.monotonic()

        def clean():
            hosts = services[0].hosts()
            machines = {entry for entry in os.listdir(cloud / "machines") if not entry.startswith(".")}
            names = {host["name"] for host in hosts}
            return machines == names and len(hosts) == arguments.count

        wait_until(clean, "nothing is at the provider but what was handed out", CLEAN)
        handed_out = set().union(*callers.handed_out.values())
        if {host["id"] for host in services[0].hosts()} != handed_out:
            sys.exit("FAILED: the rows are not those that were handed out")
        print(f"clean after {time.monotonic() - begin:.1f} s: {len(handed_out)} hosts, each with a machine")
    finally:
        for service in services:
            service.reap()
        for home in homes:
            home.remove()
        if postgresql:
            postgresql.stop()


if __name__ == "__main__":
    main()
