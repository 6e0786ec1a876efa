"""What is secret shows up nowhere: marked values go in everywhere, and are looked for everywhere else."""

import base64
import http.client
import json
import secrets
import urllib.parse

from support import PATIENCE, TestCase, main


def marker(kind):
    return f"{kind}{secrets.token_hex(12)}"


class Secrets(TestCase):
    """Runs everything that takes or gives a secret against the simulated cloud, with every event logged."""

    def setUp(self):
        super().setUp()
        self.secrets = {kind: marker(kind) for kind in
                        ("token", "othertoken", "metricstoken", "env", "header", "badtoken", "badenv")}
        sealing_key = base64.b64encode(secrets.token_bytes(32)).decode()
        self.secrets["sealingkey"] = sealing_key
        self.running = self.service(
            SIM_ENABLED="true", SIM_MINTS_KEY="true", DEFAULT_HOST_PROVIDER="sim", LOG_LEVEL="debug", LOG_FORMAT="json",
            SERVICE_TOKENS=f"{self.secrets['token']},{self.secrets['othertoken']}",
            METRICS_TOKEN=self.secrets["metricstoken"], SEALING_KEY=sealing_key)
        self.answers = []

    def send(self, method, path, body=None, token=None, headers=None):
        """One request; its answer is kept to be looked through, unless it is a create's, which holds a key."""
        address = urllib.parse.urlsplit(self.running.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=PATIENCE)
        try:
            all_headers = {"Authorization": f"Bearer {token or self.secrets['token']}", **(headers or {})}
            if body is not None:
                all_headers["Content-Type"] = "application/json"
                body = body if isinstance(body, bytes) else json.dumps(body).encode()
            connection.request(method, path, body, all_headers)
            answer = connection.getresponse()
            content = answer.read()
            if not (answer.status == 201 and path == "/hosts"):
                self.answers.append(str(answer.headers).encode() + content)
            return answer.status, content
        finally:
            connection.close()

    def create(self, **headers):
        status, content = self.send("POST", "/hosts", {"env": {"SECRET": self.secrets["env"]}}, headers=headers)
        self.assertEqual(status, 201, content)
        host = json.loads(content)
        body = [line for line in host["private_key"].splitlines() if "-----" not in line]
        self.secrets.setdefault("privatekey", body[len(body) // 2])
        return host

    def run_everything(self):
        key = {"Idempotency-Key": "run-1"}
        host = self.create(**key)
        self.create(**key)
        path = "/hosts/" + host["id"]
        self.assertEqual(self.send("GET", path)[0], 200)
        self.assertEqual(self.send("GET", "/hosts", token=self.secrets["othertoken"])[0], 200)
        self.assertEqual(self.send("POST", path + "/renew", {})[0], 200)
        self.assertEqual(self.send("GET", "/doctor")[0], 200)
        self.assertEqual(self.send("GET", "/metrics", token=self.secrets["metricstoken"])[0], 200)
        proxy = {"name": "p", "target": "https://example.com", "headers": {"X-Key": self.secrets["header"]}}
        self.assertEqual(self.send("POST", "/http-proxies", proxy)[0], 201)
        self.assertEqual(self.send("POST", "/http-proxies", proxy)[0], 409)
        self.assertEqual(self.send("POST", "/http-proxies/p/hosts/" + host["id"])[0], 200)
        self.assertEqual(self.send("DELETE", "/http-proxies/p/hosts/" + host["id"])[0], 204)
        self.assertEqual(self.send("DELETE", "/http-proxies/p")[0], 204)
        self.run_every_refusal(proxy)
        self.assertEqual(self.send("DELETE", path)[0], 204)
        self.create()

    def run_every_refusal(self, proxy):
        bad_env, header = self.secrets["badenv"], self.secrets["header"]
        self.assertEqual(self.send("GET", "/hosts", token=self.secrets["badtoken"])[0], 403)
        self.assertEqual(self.send("GET", "/nowhere?x=" + self.secrets["badtoken"])[0], 404)
        for body in ({"env": {"1x": bad_env}}, {"env": {"TAILSCALE_AUTHKEY": bad_env}}, {"env": bad_env},
                     {"env": [bad_env]}, {"env": {"A": [bad_env]}}, {"env": {"A": bad_env}, "disk_gb": "x"},
                     f'{{"env":{{"A":"{bad_env}"'.encode(), f'["{bad_env}"]'.encode(), f'"{bad_env}"'.encode()):
            status, content = self.send("POST", "/hosts", body)
            self.assertEqual(status, 422, content)
        for change in ({"name": "-"}, {"target": "ftp://x"}, {"headers": {"X": [header]}}, {"headers": header},
                       {"headers": {}, "name": ""}, {"headers": [header]}):
            status, content = self.send("POST", "/http-proxies", {**proxy, **change})
            self.assertEqual(status, 422, content)

    def places(self):
        """What somebody who may not know a secret can read: name -> bytes."""
        yield "the log", self.running.log().encode()
        for number, answer in enumerate(self.answers):
            yield f"answer {number}", answer
        for file in self.home.state.rglob("*"):
            if file.is_file() and file.name != "token":
                yield str(file.relative_to(self.home.state)), file.read_bytes()

    def test_marked_values_are_found_nowhere(self):
        self.run_everything()
        self.assertIn(b"request", dict(self.places())["the log"])
        self.assertTrue(any(name.startswith("drukbox.db") for name, _ in self.places()))
        for kind, value in self.secrets.items():
            for name, content in self.places():
                with self.subTest(kind=kind, place=name):
                    self.assertNotIn(value.encode(), content)


if __name__ == "__main__":
    main()
