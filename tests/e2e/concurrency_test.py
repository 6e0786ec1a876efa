"""Many callers at once."""

import concurrent.futures
import datetime
import socket
import urllib.parse

from support import PATIENCE, TestCase, keepers_below, main, wait_until


def at_once(count, call):
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))


def banner(port):
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.settimeout(PATIENCE)
        return connection.recv(8)


def seconds_left(host):
    end = datetime.datetime.fromisoformat(host["expires_at"].replace("Z", "+00:00"))
    return (end - datetime.datetime.now(datetime.timezone.utc)).total_seconds()


class Concurrency(TestCase):
    def hang_up_on_a_create(self, service, headers=""):
        address = urllib.parse.urlsplit(service.url)
        with socket.create_connection((address.hostname, address.port), timeout=PATIENCE) as connection:
            connection.sendall(
                f"POST /hosts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {service.token}\r\n{headers}"
                "Content-Length: 2\r\nContent-Type: application/json\r\n\r\n{}".encode()
            )

    def active_host(self, service):
        def look():
            hosts = service.hosts()
            return hosts[0] if len(hosts) == 1 and hosts[0]["status"] == "active" else None

        return wait_until(look, "the create goes on without its caller")

    def test_one_key_gives_one_sandbox(self):
        service = self.service()
        answers = at_once(64, lambda _: service.request("POST", "/hosts", {}, {"Idempotency-Key": "one"}))
        self.assertEqual({status for status, _ in answers}, {201})
        first = answers[0][1]
        self.assertTrue(first["private_key"])
        for _, host in answers:
            self.assertEqual(host, first)
        self.assertEqual(len(service.hosts()), 1)
        self.assertEqual(len(keepers_below(self.home.state)), 1)
        self.drukbox("rm", "--all", "--yes")

    def test_a_burst_of_a_hundred(self):
        service = self.service()
        answers = at_once(100, lambda _: service.request("POST", "/hosts", {}, timeout=300))
        self.assertEqual({status for status, _ in answers}, {201}, [host for status, host in answers if status != 201])
        hosts = [host for _, host in answers]
        self.assertEqual({host["status"] for host in hosts}, {"active"})
        for key in ("id", "name", "external_ssh_port", "known_hosts", "private_key"):
            self.assertEqual(len({host[key] for host in hosts}), 100, key)
        rows = service.hosts()
        self.assertEqual({row["id"] for row in rows}, {host["id"] for host in hosts})
        self.assertEqual(keepers_below(self.home.state).keys(), {host["name"] for host in hosts})
        self.assertEqual(set(at_once(20, lambda i: banner(hosts[i]["external_ssh_port"]))), {b"SSH-2.0-"})
        removed = at_once(100, lambda i: service.request("DELETE", "/hosts/" + hosts[i]["id"], timeout=300)[0])
        self.assertEqual(set(removed), {204})
        wait_until(lambda: not keepers_below(self.home.state), "the keepers end")
        self.assertEqual(self.home.sandboxes(), set())

    def test_a_create_goes_on_when_its_caller_hangs_up(self):
        service = self.service(UNCLAIMED_LEASE_SECONDS="300")
        self.hang_up_on_a_create(service)
        host = self.active_host(service)
        self.assertLess(seconds_left(host), 301)
        self.drukbox("rm", host["name"])

    def test_a_retry_claims_what_was_hung_up_on(self):
        service = self.service(UNCLAIMED_LEASE_SECONDS="300")
        self.hang_up_on_a_create(service, "Idempotency-Key: again\r\n")
        host = self.active_host(service)
        status, retried = service.request("POST", "/hosts", {}, {"Idempotency-Key": "again"})
        self.assertEqual((status, retried["id"]), (201, host["id"]))
        self.assertTrue(retried["private_key"])
        self.assertGreater(seconds_left(retried), 3600)
        self.drukbox("rm", host["name"])


if __name__ == "__main__":
    main()
