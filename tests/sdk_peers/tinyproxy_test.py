"""The SDK through tinyproxy, and past it."""

import ssl

from peers import TOKEN, Authority, Program, Recorder, TestCase, main, unused_port

CONFIG = """
Port {port}
Listen 127.0.0.1
Timeout 60
LogLevel Info
Allow 127.0.0.1
ConnectPort {connect_port}
{more}
"""


class TinyProxy(Program):
    """A forward proxy that allows CONNECT to one port."""

    def __init__(self, path, connect_port=1, more=""):
        while True:
            # Another program may take the port before tinyproxy does.
            self.port = unused_port()
            config = path / "tinyproxy.conf"
            config.write_text(CONFIG.format(port=self.port, connect_port=connect_port, more=more))
            super().__init__(["tinyproxy", "-d", "-c", config], path / "tinyproxy.log")
            if self.logs("Accepting connections"):
                break
        self.url = f"http://127.0.0.1:{self.port}"

    def requests(self):
        """The request lines that it was sent."""
        return [line.split("): ", 1)[1] for line in self.log().splitlines() if "Request (file" in line]


class TinyProxyTest(TestCase):
    def setUp(self):
        super().setUp()
        self.recorder = self.started(Recorder)
        self.no_proxy = f"http://127.0.0.1:{unused_port()}"

    def proxy(self, **options):
        return self.started(lambda: TinyProxy(self.path, **options))

    def secure_recorder(self):
        """A recorder by HTTPS, and the settings of a client that trusts it."""
        authority = Authority(self.path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority.issue("service", "subjectAltName=IP:127.0.0.1"))
        return self.started(lambda: Recorder(context)), {"ca_file": authority.certificate}

    def assert_arrives(self, recorder, base_url=None, **config):
        outcome = self.sdk_call(base_url or recorder.url, "get_host", **config)
        self.assertIn("result", outcome)
        (request,) = recorder.take()
        self.assertEqual(request.header("Authorization"), f"Bearer {TOKEN}")
        return request

    def assert_unavailable(self, base_url, **config):
        outcome = self.sdk_call(base_url, "get_host", **config)
        self.assertEqual(outcome.get("error"), "SandboxUnavailableError", outcome)
        self.assertNotIn(TOKEN, str(outcome))
        return outcome

    def test_http_through_a_proxy_that_is_configured(self):
        proxy = self.proxy()
        request = self.assert_arrives(self.recorder, proxy=proxy.url)
        self.assertIn("tinyproxy", request.header("Via"))
        self.assertEqual(proxy.requests(), [f"GET {self.recorder.url}{request.target} HTTP/1.1"])

    def test_http_through_a_proxy_of_the_environment(self):
        proxy = self.proxy()
        request = self.assert_arrives(self.recorder, env={"http_proxy": proxy.url})
        self.assertIn("tinyproxy", request.header("Via"))

    def test_https_through_a_tunnel(self):
        recorder, trust = self.secure_recorder()
        proxy = self.proxy(connect_port=recorder.server.server_port)
        for config in (
            {"proxy": proxy.url},
            {"env": {"HTTPS_PROXY": proxy.url}},
            {"env": {"https_proxy": proxy.url}},
            {"env": {"ALL_PROXY": proxy.url}},
        ):
            with self.subTest(config):
                request = self.assert_arrives(recorder, **trust, **config)
                self.assertIsNone(request.header("Via"), "the proxy sees nothing of it")
        self.assertEqual(proxy.requests(), [f"CONNECT 127.0.0.1:{recorder.server.server_port} HTTP/1.1"] * 4)

    def test_past_the_proxy_where_no_proxy_says_so(self):
        secure, trust = self.secure_recorder()
        proxies = {"http_proxy": self.no_proxy, "HTTPS_PROXY": self.no_proxy}
        for name in ("NO_PROXY", "no_proxy"):
            for exempt in ("127.0.0.1", "example.com,127.0.0.1", "*"):
                with self.subTest(f"{name}={exempt}"):
                    self.assert_arrives(self.recorder, env={**proxies, name: exempt})
                    self.assert_arrives(secure, env={**proxies, name: exempt}, **trust)

    def test_through_the_proxy_where_no_proxy_names_others(self):
        proxy = self.proxy()
        env = {"http_proxy": proxy.url, "NO_PROXY": "example.com,127.0.0.11,localhost"}
        self.assertIsNotNone(self.assert_arrives(self.recorder, env=env).header("Via"))

    def test_a_proxy_that_is_configured_beats_that_of_the_environment(self):
        proxy = self.proxy()
        request = self.assert_arrives(self.recorder, proxy=proxy.url, env={"http_proxy": self.no_proxy})
        self.assertIsNotNone(request.header("Via"))

    def test_every_operation(self):
        proxy = self.proxy()
        calls = [
            {"operation": "create_host", "env": {"A": "b"}, "idempotency_key": "k"},
            {"operation": "list_hosts"},
            {"operation": "get_host", "host_id": "h"},
            {"operation": "attach", "host_id": "h"},
            {"operation": "renew_host", "host_id": "h"},
            {"operation": "delete_host", "host_id": "h"},
            {"operation": "doctor"},
            {"operation": "create_http_proxy", "name": "p", "target": "http://t", "headers": {"A": "b"}},
            {"operation": "attach_http_proxy", "name": "p", "host_id": "h"},
            {"operation": "detach_http_proxy", "name": "p", "host_id": "h"},
            {"operation": "delete_http_proxy", "name": "p"},
        ]
        for call, outcome in zip(calls, self.sdk(self.recorder.url, calls, proxy=proxy.url), strict=True):
            self.assertIn("result", outcome, call)
        requests = self.recorder.take()
        self.assertEqual(len(requests), len(calls))
        self.assertEqual(requests[0].body, b'{"env":{"A":"b"}}')
        self.assertTrue(all(request.header("Via") for request in requests))

    def test_a_proxy_that_wants_a_password(self):
        secure, trust = self.secure_recorder()
        proxy = self.proxy(connect_port=secure.server.server_port, more="BasicAuth user pass-word")
        with_password = proxy.url.replace("//", "//user:pass-word@")
        self.assert_arrives(self.recorder, proxy=with_password)
        self.assert_arrives(secure, proxy=with_password, **trust)
        outcome = self.sdk_call(self.recorder.url, "get_host", proxy=proxy.url)
        self.assertEqual((outcome["error"], outcome["status"]), ("SandboxResponseError", 407))
        self.assertIn("407", self.assert_unavailable(secure.url, proxy=proxy.url, **trust)["detail"])

    def test_a_tunnel_that_is_refused(self):
        secure, trust = self.secure_recorder()
        outcome = self.assert_unavailable(secure.url, proxy=self.proxy().url, **trust)
        self.assertIn("403", outcome["detail"])
        self.assertTrue(outcome["retryable"], "the service got nothing")

    def test_a_proxy_that_is_not_there(self):
        for url in (self.recorder.url, "https://127.0.0.1:1"):
            outcome = self.assert_unavailable(url, proxy=self.no_proxy)
            self.assertTrue(outcome["retryable"], "the service got nothing")
        self.assertEqual(self.recorder.take(), [])

    def test_the_proxy_does_not_get_the_token_of_a_tunnel(self):
        self.assert_unavailable("https://service.example", proxy=self.recorder.url)
        (request,) = self.recorder.take()
        self.assertEqual((request.method, request.target), ("CONNECT", "service.example:443"))
        self.assertNotIn(TOKEN, str(request.headers))


if __name__ == "__main__":
    main()
