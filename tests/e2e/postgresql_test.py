"""A service on PostgreSQL whose server goes away and comes back."""

import concurrent.futures
import http.client
import threading
import time

from postgresql import PostgreSQL
from support import PATIENCE, TestCase, main, wait_until

WORKERS = 16


class Restart(TestCase):
    def setUp(self):
        super().setUp()
        self.postgresql = PostgreSQL()
        self.addCleanup(self.postgresql.stop)
        self.cloud = self.home.path / "cloud"
        self.running = self.service(
            DEFAULT_HOST_PROVIDER="sim",
            SIM_DIRECTORY=str(self.cloud),
            SIM_CREATE_MS="20",
            SIM_JITTER="0.9",
            RECONCILE_INTERVAL_SECONDS="1",
            **self.postgresql.settings(),
        )
        self.seen = set()
        self.refusals = 0

    def request(self, method, path, body=None, headers=None):
        """An answer that is no refusal, however long it takes: a service that is away is asked again."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                status, answer = self.running.request(method, path, body, headers)
            except (OSError, http.client.HTTPException) as error:
                self.fail(f"the service itself did not answer: {error!r}")
            self.seen.add(status)
            if status < 500:
                return status, answer
            self.refusals += 1
            time.sleep(0.05)
        raise AssertionError(f"{method} {path} was refused for {PATIENCE:.0f} s")

    def work(self, worker, stop, kept):
        """Creates, renews, looks and deletes until told to stop; keeps every second host."""
        count = 0
        while not stop.is_set():
            count += 1
            key = f"key-{worker}-{count}"
            status, host = self.request("POST", "/hosts", {}, {"Idempotency-Key": key})
            self.assertEqual(status, 201, host)
            path = f"/hosts/{host['id']}"
            self.assertEqual(self.request("POST", f"{path}/renew", {})[0], 200)
            self.assertEqual(self.request("GET", path)[1]["status"], "active")
            if count % 2:
                kept[key] = host["id"]
            else:
                # 404: it was done the first time, and only the answer was a refusal.
                self.assertIn(self.request("DELETE", path)[0], (204, 404))

    def machines(self):
        return {file.name for file in (self.cloud / "machines").iterdir() if not file.name.startswith(".")}

    def run_through(self, disturb):
        stop = threading.Event()
        kept = {}
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            workers = [pool.submit(self.work, worker, stop, kept) for worker in range(WORKERS)]
            try:
                wait_until(lambda: len(kept) >= WORKERS, "there is load")
                disturb()
                enough = len(kept) + WORKERS
                wait_until(lambda: len(kept) >= enough or any(w.done() for w in workers), "work goes on")
            finally:
                stop.set()
            for worker in workers:
                worker.result()

        # Every key stands for the host that was handed out, and nothing else is left, here or at the provider.
        self.assertEqual(len(set(kept.values())), len(kept))
        for key, host in kept.items():
            status, again = self.request("POST", "/hosts", {}, {"Idempotency-Key": key})
            self.assertEqual((status, again["id"]), (201, host))

        def settled():
            hosts = self.running.hosts()
            names = {host["name"] for host in hosts}
            return {host["id"] for host in hosts} == set(kept.values()) and names == self.machines()

        wait_until(settled, "rows, machines and what was handed out agree", 30)

    def test_in_order_under_load(self):
        self.run_through(self.postgresql.restart)

    def test_after_a_crash_under_load(self):
        def disturb():
            self.postgresql.crash()
            wait_until(lambda: self.running.request("GET", "/hosts")[0] == 503, "requests are refused")
            self.postgresql.resume()

        self.run_through(disturb)
        self.assertGreater(self.refusals, 0)


if __name__ == "__main__":
    main()
