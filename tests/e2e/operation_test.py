"""What an operator sees and does: metrics, logs, limits, tokens that change while the service runs."""

import http.client
import json
import signal
import ssl
import subprocess
import urllib.parse

from support import PATIENCE, TestCase, main, wait_until


class Operation(TestCase):
    def fetch(self, service, path, token=None, headers=None):
        """Status, headers and text of a GET."""
        address = urllib.parse.urlsplit(service.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=PATIENCE)
        try:
            authorization = {"Authorization": f"Bearer {token}"} if token else {}
            connection.request("GET", path, headers={**authorization, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def events(self, service):
        return [json.loads(line) for line in service.log().splitlines()]

    def test_metrics_are_behind_the_token(self):
        service = self.service()
        self.assertEqual(self.fetch(service, "/metrics")[0], 401)
        self.assertEqual(self.fetch(service, "/metrics", "wrong")[0], 403)
        self.assertEqual(self.fetch(service, "/metrics", service.token)[0], 200)

    def test_metrics_count_requests_and_hosts(self):
        service = self.service()
        status, host = service.request("POST", "/hosts")
        self.assertEqual(status, 201, host)
        status, headers, text = self.fetch(service, "/metrics", service.token)
        self.assertEqual(status, 200)
        self.assertTrue(headers["Content-Type"].startswith("text/plain; version=0.0.4"))
        self.assertIn('drukbox_http_requests_total{method="POST",route="/hosts",status="201"} 1', text)
        self.assertIn('drukbox_hosts{provider="local",status="active"} 1', text)
        self.assertEqual(service.request("DELETE", "/hosts/" + host["id"])[0], 204)
        self.assertIn('drukbox_hosts{provider="local",status="active"} 0',
                      self.fetch(service, "/metrics", service.token)[2])

    def test_metrics_can_have_a_token_of_their_own_or_none(self):
        service = self.service(METRICS_TOKEN="scraper")
        self.assertEqual(self.fetch(service, "/metrics", "scraper")[0], 200)
        self.assertEqual(self.fetch(service, "/hosts", "scraper")[0], 403)
        service.stop()
        self.assertEqual(self.fetch(self.service(METRICS_TOKEN="none"), "/metrics")[0], 200)

    def test_a_log_line_is_a_json_object_with_the_id_of_the_request(self):
        service = self.service(LOG_FORMAT="json", LOG_LEVEL="debug")
        status, headers, _ = self.fetch(service, "/hosts?x=1", service.token, {"X-Request-Id": "run-7"})
        self.assertEqual((status, headers["X-Request-Id"]), (200, "run-7"))

        def logged():
            return [event for event in self.events(service) if event.get("request_id") == "run-7"]

        wait_until(logged, "the request is logged")
        event = logged()[0]
        self.assertEqual((event["event"], event["method"], event["route"], event["status"]),
                         ("request", "GET", "/hosts", 200))

    def test_creates_of_a_token_can_be_limited(self):
        service = self.service(CREATES_PER_MINUTE="1")
        self.assertEqual(service.request("POST", "/hosts")[0], 201)
        status, body = service.request("POST", "/hosts")
        self.assertEqual((status, body["error_code"]), (429, "RATE_LIMITED"))

    def test_tokens_are_read_again_at_a_hangup(self):
        file = self.home.path / "tokens"
        file.write_text("old, older\n")
        service = self.service(SERVICE_TOKENS_FILE=str(file))
        self.assertEqual(self.fetch(service, "/hosts", "old")[0], 200)

        file.write_text("old, new\n")
        service.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.fetch(service, "/hosts", "new")[0] == 200, "the new token is known")
        self.assertEqual(self.fetch(service, "/hosts", "old")[0], 200)
        self.assertEqual(self.fetch(service, "/hosts", "older")[0], 403)

    def make_certificate(self):
        """A certificate for localhost at tls.pem, its key at tls.key; returns what trusts it, and only it."""
        certificate, key = self.home.path / "tls.pem", self.home.path / "tls.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
            check=True, capture_output=True)
        return ssl.create_default_context(cafile=str(certificate))

    def healthy(self, service, trust):
        port = urllib.parse.urlsplit(service.url).port
        connection = http.client.HTTPSConnection("localhost", port, timeout=PATIENCE, context=trust)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except ssl.SSLCertVerificationError:
            return False
        finally:
            connection.close()

    def test_tls_files_are_read_again_at_a_hangup(self):
        first = self.make_certificate()
        service = self.service(TLS_CERT_FILE=str(self.home.path / "tls.pem"), TLS_KEY_FILE=str(self.home.path / "tls.key"))
        self.assertTrue(service.url.startswith("https://"), service.url)
        self.assertTrue(self.healthy(service, first))

        second = self.make_certificate()
        self.assertFalse(self.healthy(service, second))
        service.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.healthy(service, second), "the new certificate is shown")
        self.assertFalse(self.healthy(service, first))

        (self.home.path / "tls.key").write_text("no key")
        service.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "service.reload_failed" in service.log(), "the failure is logged")
        self.assertTrue(self.healthy(service, second))

    def test_a_hangup_that_finds_no_token_changes_nothing(self):
        file = self.home.path / "tokens"
        file.write_text("old")
        service = self.service(SERVICE_TOKENS_FILE=str(file))
        file.unlink()
        service.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "service.reload_failed" in service.log(), "the failure is logged")
        self.assertEqual(self.fetch(service, "/hosts", "old")[0], 200)


if __name__ == "__main__":
    main()
