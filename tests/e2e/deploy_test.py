"""What docs/deploy.md says: nginx in front of two replicas, back-up and restore, an older program on a newer database."""

import datetime
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import unittest
import urllib.error
import urllib.request

from postgresql import PostgreSQL
from support import DRUKBOX, PATIENCE, ROOT, Home, Service, TestCase, main, wait_until


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Nginx:
    """nginx with the project's configuration, its names and paths replaced by those of a test."""

    def __init__(self, home, replicas):
        self.port = free_port()
        self.directory = home.path / "nginx"
        self.directory.mkdir()
        certificate, key = self.directory / "certificate.pem", self.directory / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
            check=True, capture_output=True)
        self.trust = ssl.create_default_context(cafile=str(certificate))
        servers = "\n".join(f"    server {replica.url.removeprefix('http://')};" for replica in replicas)
        site = (ROOT / "packaging/nginx/drukbox.conf").read_text()
        for shipped, ours in (
            ("    server 127.0.0.1:8780;", servers),
            ("listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl"),
            ("drukbox.example.org", "localhost"),
            ("/etc/ssl/drukbox/certificate.pem", str(certificate)),
            ("/etc/ssl/drukbox/key.pem", str(key)),
        ):
            assert shipped in site, shipped
            site = site.replace(shipped, ours)
        (self.directory / "site.conf").write_text(site)
        user = "user root;\n" if os.geteuid() == 0 else ""
        paths = "".join(f"    {name}_temp_path {self.directory}/{name};\n"
                        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.directory / "nginx.conf").write_text(
            f"{user}daemon off;\npid {self.directory}/pid;\nerror_log {self.directory}/error.log;\n"
            f"events {{ }}\nhttp {{\n    access_log off;\n{paths}    include {self.directory}/site.conf;\n}}\n")
        self.process = subprocess.Popen(["nginx", "-c", self.directory / "nginx.conf", "-p", self.directory],
                                        stderr=subprocess.DEVNULL)

    def request(self, method, path, token=None, body=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        data = json.dumps(body).encode() if body is not None else None
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(f"https://localhost:{self.port}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE, context=self.trust) as answer:
                content = answer.read()
                return answer.status, json.loads(content) if content else None
        except urllib.error.HTTPError as error:
            with error:
                return error.code, None

    def is_up(self):
        try:
            return self.request("GET", "/healthz")[0] == 200
        except OSError:
            return False

    def stop(self):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(PATIENCE)


@unittest.skipUnless(shutil.which("nginx"), "nginx is not installed")
class Replicas(TestCase):
    def test_nginx_in_front_of_two_replicas_that_share_postgresql(self):
        postgresql = PostgreSQL()
        self.addCleanup(postgresql.stop)
        settings = {
            **postgresql.settings(),
            "SERVICE_TOKENS": "shared",
            "DEFAULT_HOST_PROVIDER": "sim",
            "SIM_DIRECTORY": str(self.home.path / "cloud"),
        }
        replicas = []
        for _ in range(2):
            home = Home(None)
            self.addCleanup(home.remove)
            replica = Service(home, **settings).start()
            self.addCleanup(self._stop, replica)
            replicas.append(replica)
        nginx = Nginx(self.home, replicas)
        self.addCleanup(nginx.stop)
        wait_until(nginx.is_up, "nginx is up")

        made = set()
        for _ in range(4):
            status, host = nginx.request("POST", "/hosts", "shared", {})
            self.assertEqual((status, host["status"]), (201, "active"))
            made.add(host["id"])
        for _ in range(4):  # whichever replica answers
            status, hosts = nginx.request("GET", "/hosts", "shared")
            self.assertEqual({host["id"] for host in hosts}, made)
        self.assertEqual(nginx.request("GET", "/metrics", "shared")[0], 403)
        self.assertEqual(nginx.request("GET", "/hosts")[0], 401)

        self.assertEqual(replicas[0].stop(), 0)
        for host in made:
            self.assertEqual(nginx.request("DELETE", "/hosts/" + host, "shared")[0], 204)


class OnPostgreSQL(TestCase):
    def setUp(self):
        super().setUp()
        self.postgresql = PostgreSQL()
        self.addCleanup(self.postgresql.stop)

    def test_a_replica_does_not_share_what_is_on_its_own_machine(self):
        settings = self.postgresql.settings()
        self.service(**settings)
        host = self.drukbox("create", "--json").json
        other = Home(None)
        self.addCleanup(other.remove)
        refused = subprocess.run([DRUKBOX, "serve", "--dev"], env={**other.env, **settings}, capture_output=True,
                                 text=True, timeout=PATIENCE, check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("the machines of the local provider cannot be shared", refused.stderr)
        self.assertEqual(self.drukbox("ssh", host["name"], "--", "echo here").stdout, "here\n")
        self.drukbox("rm", host["name"])

    def test_rounds_for_cron(self):
        cloud = self.home.path / "cloud"
        settings = {**self.postgresql.settings(), "DEFAULT_HOST_PROVIDER": "sim", "SIM_DIRECTORY": str(cloud)}
        machines = cloud / "machines"
        self.drukbox("pool", "--dev", env={**settings, "POOL_SIZE": "2"})
        self.assertEqual(len(list(machines.iterdir())), 2)
        service = self.service(**settings, POOL_SIZE="2")
        self.assertIn("nothing to do", self.drukbox("pool", "--dev", env=settings).stdout)
        self.assertIn("nothing to do", self.drukbox("janitor", "--dev", env=settings).stdout)
        host = self.drukbox("create", "--ttl", "1s", "--json").json
        self._stop(service)
        wait_until(lambda: datetime.datetime.now(datetime.timezone.utc) >
                   datetime.datetime.fromisoformat(host["expires_at"]), "the lease is over")
        self.drukbox("janitor", "--dev", env={**settings, "POOL_SIZE": "2"})
        self.assertNotIn(host["name"], [machine.name for machine in machines.iterdir()])


class BackUp(TestCase):
    def start(self, **settings):
        return self.service(SIM_MINTS_KEY="true", DEFAULT_HOST_PROVIDER="sim",
                            SIM_DIRECTORY=str(self.home.path / "cloud"), **settings)

    def test_a_copy_of_the_database_and_the_sealing_key_is_all_that_is_needed(self):
        service = self.start()
        key = {"Idempotency-Key": "run-1"}
        status, host = service.request("POST", "/hosts", {}, key)
        self.assertEqual(status, 201)
        copy = self.home.path / "copy"
        copy.mkdir()
        # While it runs, as the document says.
        with sqlite3.connect(self.home.state / "drukbox.db") as live, sqlite3.connect(copy / "drukbox.db") as target:
            live.backup(target)
        shutil.copy(self.home.state / "sealing.key", copy)
        service.kill()

        shutil.rmtree(self.home.state)
        self.home.state.mkdir(mode=0o700, parents=True)
        for name in ("drukbox.db", "sealing.key"):
            shutil.copy(copy / name, self.home.state)
            os.chmod(self.home.state / name, 0o600)
        restored = self.start()
        status, again = restored.request("POST", "/hosts", {}, key)
        self.assertEqual((status, again["id"], again["private_key"]), (201, host["id"], host["private_key"]))

    def test_a_database_of_a_newer_program_is_left_alone(self):
        service = self.start()
        self.assertEqual(service.stop(), 0)
        with sqlite3.connect(self.home.state / "drukbox.db") as database:
            database.execute("INSERT INTO schema_version (version) VALUES (1000)")
        refused = subprocess.run([DRUKBOX, "serve", "--dev"], env=self.home.env, capture_output=True, text=True,
                                 timeout=PATIENCE, cwd=self.home.path, check=False)
        self.assertEqual(refused.returncode, 2, refused.stderr)
        self.assertIn("made by a newer drukbox", refused.stderr)


if __name__ == "__main__":
    main()
