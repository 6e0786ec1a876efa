"""The SDK behind nginx: TLS, client certificates, a proxy that buffers requests, and the pages of a gateway."""

import json
import os
import pathlib
import socket
import tempfile

from peers import HOST_ID, Authority, Program, Recorder, TestCase, main, run_sdk
from support import TestCase as ServiceTestCase

CONFIG = """
daemon off;
worker_processes 1;
user root;
pid {path}/nginx.pid;
error_log stderr notice;
events {{ }}
http {{
    log_format one '$connection $connection_requests $request_method $request_uri $status';
    access_log {path}/access.log one;
    client_body_temp_path {path}/body;
    proxy_temp_path {path}/proxy;
    fastcgi_temp_path {path}/fastcgi;
    uwsgi_temp_path {path}/uwsgi;
    scgi_temp_path {path}/scgi;
    keepalive_requests 5;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        ssl_client_certificate {ca};
        ssl_verify_client on;
        client_max_body_size 1m;
        client_body_buffer_size 4k;
        location / {{
            proxy_pass {upstream};
            proxy_request_buffering on;
            proxy_set_header X-Client-Name $ssl_client_s_dn;
        }}
        location /gone/ {{ proxy_pass http://127.0.0.1:{dead}; }}
        location /slow/ {{ proxy_pass http://127.0.0.1:{silent}; proxy_read_timeout 100ms; }}
        location /closed/ {{ return 503; }}
        location /private/ {{ deny all; }}
        location /moved/ {{ return 301 /; }}
    }}
}}
"""


class Nginx(Program):
    """nginx as a TLS server for `localhost` in front of an upstream."""

    def __init__(self, path, upstream, certificates, dead=1, silent=1):
        # It takes over a socket that listens already, and so needs no port chosen in advance.
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
            config = path / "nginx.conf"
            config.write_text(
                CONFIG.format(
                    path=path,
                    port=self.port,
                    certificate=certificates.server[0],
                    key=certificates.server[1],
                    ca=certificates.authority.certificate,
                    upstream=upstream,
                    dead=dead,
                    silent=silent,
                )
            )
            super().__init__(
                ["nginx", "-p", path, "-c", config],
                path / "nginx.log",
                env={"PATH": os.environ["PATH"] + ":/usr/sbin", "NGINX": f"{listener.fileno()};"},
                pass_fds=(listener.fileno(),),
            )
        self.path = path
        self.url = f"https://localhost:{self.port}"

    def access(self):
        """(connection, its how-manieth request, method, path, status) of every request answered."""
        lines = (self.path / "access.log").read_text().splitlines()
        return [(*map(int, line.split()[:2]), *line.split()[2:]) for line in lines]


class Certificates:
    """A server's certificate, and the settings of a client that trusts it and that it trusts."""

    def __init__(self, path):
        self.authority = Authority(path)
        self.server = self.authority.issue("localhost", "subjectAltName=DNS:localhost")
        certificate, key = self.authority.issue("a-client")
        self.client = {
            "ca_file": self.authority.certificate,
            "client_certificate": certificate,
            "client_key": key,
        }


class NginxTest(TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="dbx-")
        cls.addClassCleanup(directory.cleanup)
        cls.certificates = Certificates(pathlib.Path(directory.name))
        cls.tls = cls.certificates.client

    def setUp(self):
        super().setUp()
        self.dead = self.listener(backlog=None)
        self.silent = self.listener(backlog=8)
        self.recorder = self.started(Recorder)
        self.nginx = self.started(
            lambda: Nginx(
                self.path,
                self.recorder.url,
                self.certificates,
                self.dead.getsockname()[1],
                self.silent.getsockname()[1],
            )
        )

    def listener(self, backlog):
        """A port that refuses connections, or that accepts them and never answers."""
        listener = socket.socket()
        self.addCleanup(listener.close)
        listener.bind(("127.0.0.1", 0))
        if backlog is not None:
            listener.listen(backlog)
        return listener

    def result(self, outcome):
        self.assertIn("result", outcome, self.nginx.log())
        return outcome["result"]

    def error(self, path="", **config):
        """The error of one call; `path` chooses what nginx does."""
        outcome = self.sdk_call(self.nginx.url + path, "get_host", **{**self.tls, **config})
        self.assertIn("error", outcome)
        return outcome["error"], outcome["status"], outcome["detail"]

    def test_shows_its_certificate(self):
        self.result(self.sdk_call(self.nginx.url, "get_host", **self.tls))
        (request,) = self.recorder.take()
        self.assertEqual(request.header("X-Client-Name"), "CN=a-client")

    def test_is_refused_without_a_certificate(self):
        error, status, _ = self.error(client_certificate="", client_key="")
        self.assertEqual((error, status), ("SandboxResponseError", 400))
        self.assertEqual(self.recorder.take(), [])

    def test_is_refused_with_a_certificate_of_another_authority(self):
        certificate, key = Authority(self.path).issue("a-client")
        error, status, _ = self.error(client_certificate=certificate, client_key=key)
        self.assertEqual((error, status), ("SandboxResponseError", 400))

    def test_distrusts_an_authority_that_it_was_not_told_of(self):
        error, status, detail = self.error(ca_file="")
        self.assertEqual((error, status), ("SandboxUnavailableError", 0))
        self.assertIn("certificate", detail)

    def test_distrusts_a_certificate_for_another_name(self):
        outcome = self.sdk_call(f"https://127.0.0.1:{self.nginx.port}", "get_host", **self.tls)
        self.assertEqual(outcome["error"], "SandboxUnavailableError")
        self.assertTrue(outcome["retryable"], "nothing was sent")

    def test_a_request_that_is_buffered_arrives_whole(self):
        env = {f"NAME_{i}": "v" * 900 + str(i) for i in range(1000)}
        call = {"operation": "create_host", "env": env, "idempotency_key": "k"}
        self.result(self.sdk(self.nginx.url, [call], **self.tls)[0])
        (request,) = self.recorder.take()
        self.assertEqual(json.loads(request.body), {"env": env})
        self.assertIn("buffered to a temporary file", self.nginx.log())

    def test_a_request_that_is_too_large(self):
        call = {"operation": "create_host", "env": {"A": "v" * (2 << 20)}}
        after = {"operation": "list_hosts"}
        large, listed = self.sdk(self.nginx.url, [call, after], **self.tls)
        self.assertEqual((large["error"], large["status"]), ("SandboxResponseError", 413))
        self.result(listed)

    def test_goes_on_when_nginx_ends_a_connection(self):
        calls = [{"operation": "get_host", "host_id": HOST_ID}] * 12
        for outcome in self.sdk(self.nginx.url, calls, **self.tls):
            self.result(outcome)
        self.assertEqual([nth for _, nth, *_ in self.nginx.access()], [1, 2, 3, 4, 5] * 2 + [1, 2])

    def test_never_repeats_a_create(self):
        create = {"operation": "create_host"}
        for outcome in self.sdk(self.nginx.url, [create] * 7, **self.tls):
            self.result(outcome)
        self.assertEqual([request.method for request in self.recorder.take()], ["POST"] * 7)

    def test_pages_of_a_gateway(self):
        self.assertEqual(self.error("/gone")[:2], ("SandboxProvisioningError", 502))
        self.assertEqual(self.error("/slow")[:2], ("SandboxResponseError", 504))
        self.assertEqual(self.error("/closed"), ("SandboxUnavailableError", 503, "service unavailable"))
        self.assertEqual(self.error("/private"), ("SandboxAuthError", 403, "auth failed"))
        self.assertEqual(self.error("/moved")[:2], ("SandboxResponseError", 301))

    def test_sixteen_at_once(self):
        calls = [{"operation": "get_host", "host_id": HOST_ID}] * 16
        for _ in range(3):
            for outcome in self.sdk(self.nginx.url, [calls], **self.tls)[0]:
                self.result(outcome)
        self.assertEqual(len(self.recorder.take()), 48)


class ServiceBehindNginxTest(ServiceTestCase):
    """The service of this repository behind the same nginx."""

    def test_a_host_from_its_creation_to_its_end(self):
        service = self.service()
        path = self.home.path / "nginx"
        path.mkdir()
        certificates = Certificates(path)
        nginx = Nginx(path, service.url, certificates)
        self.addCleanup(nginx.close)
        config = {"base_url": nginx.url, "token": service.token, **certificates.client}

        def call(operation, **arguments):
            outcome = run_sdk(config, [{"operation": operation, **arguments}])[0]
            self.assertIn("result", outcome)
            return outcome["result"]

        host = call("create_host", env={"A": "b"}, idempotency_key="k")
        identified = {"host_id": host["id"]}
        self.addCleanup(service.request, "DELETE", "/hosts/" + host["id"])
        self.assertEqual(call("create_host", env={"A": "c"}, idempotency_key="k")["id"], host["id"])
        self.assertEqual(call("get_host", **identified), call("attach", **identified))
        self.assertEqual([listed["id"] for listed in call("list_hosts")], [host["id"]])
        self.assertEqual(call("renew_host", **identified)["id"], host["id"])
        self.assertTrue(call("doctor")["ok"])
        call("delete_host", **identified)
        self.assertEqual(call("list_hosts"), [])


if __name__ == "__main__":
    main()
