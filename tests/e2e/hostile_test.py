"""Clients that mean harm, or do it: the service stays small, answers everybody else, and says what is wrong."""

import contextlib
import json
import pathlib
import resource
import socket
import urllib.parse

from support import PATIENCE, TestCase, main

MEGABYTE = 1 << 20
IDLE_CONNECTIONS = 10_000
# What the service may grow by, whatever is done to it here: in kilobytes of resident memory. Sanitizers take several
# times as much for themselves.
GROWTH_KB = 64 * 1024
SANITIZED_GROWTH_KB = 8 * GROWTH_KB


class Hostile(TestCase):
    def setUp(self):
        super().setUp()
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.running = self.service()
        self.address = urllib.parse.urlsplit(self.running.url)
        self.token = self.running.token
        self.before = self.resident_kb()

    def resident_kb(self):
        for line in pathlib.Path(f"/proc/{self.running.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("no VmRSS")

    def is_sanitized(self):
        # clang links its sanitizers statically: no library tells of them, but their symbols do.
        program = pathlib.Path(f"/proc/{self.running.process.pid}/exe").read_bytes()
        return b"__asan_init" in program or b"__tsan_init" in program

    def assert_unhurt(self):
        """Another caller is served, and the service has not grown beyond its bound."""
        self.assertEqual(self.running.request("GET", "/hosts")[0], 200)
        grown = self.resident_kb() - self.before
        print(f"\n  {self.id().rpartition('.')[2]}: the service grew by {grown} kB", flush=True)
        self.assertLess(grown, SANITIZED_GROWTH_KB if self.is_sanitized() else GROWTH_KB)

    def connect(self):
        connection = socket.create_connection((self.address.hostname, self.address.port), timeout=PATIENCE)
        self.addCleanup(connection.close)
        return connection

    def request(self, head, body=b""):
        """Sends what a caller with the token sends; returns the status and the body of the answer."""
        connection = self.connect()
        with contextlib.suppress(OSError):  # a refusal can come, and the connection end, before all is sent
            connection.sendall(head.replace(b"TOKEN", self.token.encode()) + body)
        return self.answer(connection)

    def answer(self, connection):
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while b"\r\n\r\n" not in received:
                piece = connection.recv(65536)
                if not piece:
                    break
                received += piece
            head, _, body = received.partition(b"\r\n\r\n")
            length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                           if line.lower().startswith(b"content-length:")), 0)
            while len(body) < length:
                piece = connection.recv(65536)
                if not piece:
                    break
                body += piece
            return (int(head.split()[1]) if head else None), body
        return None, b""

    def post(self, body, headers=b""):
        head = (b"POST /hosts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer TOKEN\r\nContent-Type: application/json\r\n"
                + headers + b"Content-Length: %d\r\n\r\n" % len(body))
        return self.request(head, body)

    def test_many_idle_connections(self):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        # The service gives connections half of its descriptors.
        count = min(IDLE_CONNECTIONS, hard // 2)
        idle = [self.connect() for _ in range(count)]
        print(f"\n  {len(idle)} connections are idle", flush=True)
        idle[-1].sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertEqual(self.answer(idle[-1])[0], 200)
        # As many as there may be, and still there is room for another caller.
        self.assert_unhurt()

    def test_slow_headers(self):
        slow = [self.connect() for _ in range(500)]
        for byte in b"GET /hosts HTTP/1.1\r\nX-Slow: ":
            for connection in slow:
                connection.send(bytes([byte]))
        self.assert_unhurt()

    def test_slow_bodies(self):
        head = (f"POST /hosts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.token}\r\n"
                "Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n").encode()
        slow = [self.connect() for _ in range(500)]
        for connection in slow:
            connection.sendall(head + b"{" + b" " * 10_000)
        self.assert_unhurt()

    def test_huge_headers(self):
        line = b"X-Long: " + b"a" * MEGABYTE + b"\r\n"
        for _ in range(50):
            status, _ = self.request(b"GET /hosts HTTP/1.1\r\nHost: localhost\r\n" + line + b"\r\n")
            self.assertIn(status, (431, None))  # none: it was reset while it was still sending
        many = b"".join(b"X-%d: y\r\n" % i for i in range(100_000))
        self.assertIn(self.request(b"GET /hosts HTTP/1.1\r\nHost: localhost\r\n" + many + b"\r\n")[0], (431, None))
        self.assert_unhurt()

    def test_huge_bodies(self):
        for _ in range(20):
            self.assertEqual(self.post(b"{" + b" " * (2 * MEGABYTE) + b"}")[0], 413)
        # One that does not say how large it is going to be.
        chunk = b"%x\r\n" % MEGABYTE + b"a" * MEGABYTE + b"\r\n"
        status, _ = self.request(b"POST /hosts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer TOKEN\r\n"
                                 b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", chunk * 20)
        self.assertIn(status, (413, None))
        self.assert_unhurt()

    def test_headers_that_do_not_end(self):
        for start, more in ((b"GET /hosts HTTP/1.1\r\nHost: localhost\r\n", b"X-Field: y\r\n" * 10), (b"", b"\r\n" * 50)):
            with self.subTest(more=more[:5]):
                connection = self.connect()
                connection.sendall(start)
                with contextlib.suppress(OSError):  # the refusal comes, and the connection ends, before all is sent
                    for _ in range(5_000):
                        connection.sendall(more)
                self.assertIn(self.answer(connection)[0], (431, None))
        self.assert_unhurt()

    def test_what_surrounds_chunks(self):
        """All of this is of a body that holds next to nothing."""
        head = (b"POST /hosts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer TOKEN\r\n"
                b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        for start, more in ((b"0\r\n", b"X-Trailer: y\r\n"), (b"1;", b"x" * 1024), (b"", b"1;x=" + b"y" * 500 + b"\r\n \r\n")):
            with self.subTest(more=more[:10]):
                status, _ = self.request(head, start + more * (16 * MEGABYTE // len(more)))
                self.assertIn(status, (413, None))
        self.assert_unhurt()

    def test_a_quote_in_a_chunk_swallows_no_request(self):
        connection = self.connect()
        connection.sendall(b"POST /hosts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + self.token.encode()
                           + b"\r\nTransfer-Encoding: chunked\r\n\r\n2;a=\"\r\n{}\r\n0\r\n\r\n"
                           + b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertEqual(self.answer(connection)[0], 400)

    def test_a_page_of_another_site(self):
        """What a browser sends once a name of somebody else's leads to this machine."""
        for host in (b"evil.example", b"evil.example:%d" % self.address.port):
            request = b"GET /hosts HTTP/1.1\r\nHost: " + host + b"\r\nAuthorization: Bearer TOKEN\r\n\r\n"
            status, body = self.request(request)
            self.assertEqual(status, 421, body)
            self.assertIn("Host", json.loads(body)["detail"])

    def test_garbage(self):
        for garbage in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 100, b"\x00" * 5000, b"\r\n" * 5000,
                        b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\xff\xfe" * 3000,
                        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
                        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"):
            with self.subTest(garbage=garbage[:30]):
                connection = self.connect()
                connection.sendall(garbage)
                connection.shutdown(socket.SHUT_WR)
                self.assertIn(self.answer(connection)[0], (400, 431, None))
        self.assert_unhurt()

    def test_garbage_behind_a_good_request(self):
        connection = self.connect()
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100 + b"\x00garbage\r\n\r\n")
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := connection.recv(65536):
                received += piece
        self.assertEqual(received.count(b"HTTP/1.1 200 OK"), 100)
        self.assertEqual(received.count(b"HTTP/1.1 400"), 1)
        self.assert_unhurt()

    def test_bodies_that_are_no_json(self):
        for body in (b'{"image":"\xff\xfe"}', b'{"image":"\xed\xa0\x80"}', b"[" * 100_000, b'{"env":' * 10_000,
                     b'{"image":"' + b"\\" * 999, b'{"expires_at":1e99999}', b'{"disk_gb":' + b"9" * 5000 + b"}"):
            with self.subTest(body=body[:30]):
                status, answer = self.post(body)
                self.assertEqual(status, 422, answer)
                self.assertTrue(json.loads(answer)["detail"])
        self.assert_unhurt()

    def test_those_without_a_token_cost_nothing(self):
        for _ in range(200):
            status, body = self.request(b"POST /hosts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n")
            self.assertEqual((status, json.loads(body)), (401, {"detail": "service token required"}))
        self.assert_unhurt()


if __name__ == "__main__":
    main()
