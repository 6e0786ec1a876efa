"""A service that dies at any moment, and what its successor makes of that."""

import concurrent.futures
import http.client
import os
import signal
import socket
import threading

from support import PATIENCE, Service, TestCase, descendants, keepers_below, main, processes, wait_until

# What the service promises for the time after a start.
RECOVERY = 10.0


class Crash(TestCase):
    def settled(self, service):
        """Rows, machines and directories agree, and every row is active."""
        hosts = service.hosts()
        names = {host["name"] for host in hosts}
        if all(host["status"] == "active" for host in hosts):
            if names == keepers_below(self.home.state).keys() == self.home.sandboxes():
                return hosts, True
        return hosts, False

    def crash_during_a_burst(self, answered_before):
        service = Service(self.home).start()
        done = threading.Semaphore(0)
        answers = []

        def create(_):
            try:
                answers.append(service.request("POST", "/hosts", {}))
                done.release()
            except (OSError, http.client.HTTPException, ValueError):
                pass  # The answer that died with the service.

        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            for i in range(24):
                pool.submit(create, i)
            for _ in range(answered_before):
                self.assertTrue(done.acquire(timeout=PATIENCE))
            service.kill()
        successor = self.service()
        wait_until(lambda: self.settled(successor)[1], "rows and machines agree", RECOVERY)
        hosts, _ = self.settled(successor)
        answered = {host["id"] for status, host in answers if status == 201}
        self.assertLessEqual(answered, {host["id"] for host in hosts}, "an answered create was lost")
        for host in hosts:
            with socket.create_connection(("127.0.0.1", host["external_ssh_port"]), timeout=PATIENCE) as connection:
                self.assertEqual(connection.recv(4), b"SSH-")
        self.assertEqual(set(self.drukbox("ls", "-q").stdout.split()), keepers_below(self.home.state).keys())
        self.drukbox("rm", "--all", "--yes")
        wait_until(lambda: not keepers_below(self.home.state), "the keepers end")
        self.assertEqual(self.home.sandboxes(), set())

    def test_before_any_answer(self):
        self.crash_during_a_burst(0)

    def test_after_the_first_answer(self):
        self.crash_during_a_burst(1)

    def test_in_the_middle(self):
        self.crash_during_a_burst(10)

    def test_sandboxes_outlive_the_service_and_are_adopted(self):
        service = Service(self.home).start()
        host = self.drukbox("create", "--json").json
        service.kill()
        keeper = keepers_below(self.home.state)[host["name"]]
        successor = self.service()
        self.assertEqual([row["id"] for row in successor.hosts()], [host["id"]])
        self.assertEqual(keepers_below(self.home.state), {host["name"]: keeper})
        self.assertEqual(self.drukbox("ssh", host["name"], "--", "echo here").stdout, "here\n")
        self.drukbox("renew", host["name"], "--ttl", "1h")
        tree = descendants(keeper)
        self.drukbox("rm", host["name"])
        self.assert_nothing_left(host, tree)

    def test_a_graceful_restart_keeps_the_sandboxes(self):
        service = Service(self.home).start()
        host = self.drukbox("create", "--json").json
        self.assertEqual(service.stop(), 0)
        self.service()
        self.assertEqual(self.drukbox("ssh", host["name"], "--", "echo here").stdout, "here\n")
        self.drukbox("rm", host["name"])

    def test_a_lease_ends_while_the_service_is_down(self):
        service = Service(self.home).start()
        host = self.drukbox("create", "--json", "--ttl", "3s").json
        tree = descendants(keepers_below(self.home.state)[host["name"]])
        service.kill()
        wait_until(lambda: not tree & processes().keys(), "the keeper ends its sandbox by itself")
        successor = self.service()
        wait_until(lambda: successor.hosts() == [], "the row goes", RECOVERY)
        self.assert_nothing_left(host, tree)

    def test_a_sandbox_that_died_is_no_longer_active(self):
        service = self.service(RECONCILE_INTERVAL_SECONDS="1")
        host = self.drukbox("create", "--json").json
        os.kill(keepers_below(self.home.state)[host["name"]], signal.SIGKILL)
        wait_until(lambda: all(row["status"] != "active" for row in service.hosts()), "the row says so")
        self.drukbox("rm", host["name"], expect=None)
        wait_until(lambda: service.hosts() == [], "it can be removed")
        self.assertEqual(self.home.sandboxes(), set())


if __name__ == "__main__":
    main()
