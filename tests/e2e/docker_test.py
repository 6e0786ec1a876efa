"""The docker provider behind the service: a switch by settings alone, and an engine that is away."""

import json
import os
import pathlib
import sys
import unittest

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path += [str(TESTS / part) for part in ("providers", "networking")]

from engine import UnixConnection
from fake_tailscale import FakeTailscale
from support import TestCase, main


def engine():
    """DOCKER_HOST of the engine that the tests have started."""
    told = pathlib.Path(os.environ["DRUKBOX_ENGINE"])
    address = told.read_text() if told.exists() else "unavailable: it was not started; CTest does"
    if not address.startswith("unix://"):
        raise unittest.SkipTest(address)
    return address


def containers():
    """The names of all that the engine has."""
    connection = UnixConnection(engine().removeprefix("unix://"))
    try:
        connection.request("GET", "/v1.41/containers/json?all=true")
        return {name for container in json.load(connection.getresponse()) for name in container["Names"]}
    finally:
        connection.close()


class Docker(TestCase):
    def login(self, host):
        return self.drukbox("ssh", host["name"], "--", "id -un; cat /etc/hostname").stdout.splitlines()

    def test_a_whole_switch_from_local_is_three_settings(self):
        switch = {
            "DEFAULT_HOST_PROVIDER": "docker",
            "DOCKER_HOST": engine(),
            "DOCKER_DEFAULT_IMAGE": "localhost/drukbox/sandbox:latest",
        }
        service = self.service()
        before = self.drukbox("create", "--json").json
        self.assertEqual(before["provider"], "local")
        self.assertEqual(self.login(before)[0], "sandbox")
        self.assertEqual(service.stop(), 0)

        service = self.service(**switch)
        after = self.drukbox("create", "--json").json
        self.assertEqual(after["provider"], "docker")
        self.assertEqual(self.login(after), ["root", after["name"]])
        report = self.drukbox("doctor", "--json").json
        self.assertEqual(report["active_provider"], "docker")
        self.assertTrue(report["ok"], report)

        # What was made before the switch is still there, and can still be removed.
        self.assertEqual({host["provider"] for host in service.hosts()}, {"local", "docker"})
        self.drukbox("rm", before["name"])
        self.drukbox("rm", after["name"])
        self.assertEqual(service.hosts(), [])

    def test_an_engine_that_is_away_is_a_502_a_failed_check_and_a_warning(self):
        service = self.service(DEFAULT_HOST_PROVIDER="docker", DOCKER_HOST="unix:///nonexistent/docker.sock")
        self.assertIn("no engine listens at unix:///nonexistent/docker.sock", service.log())
        status, body = service.request("POST", "/hosts")
        self.assertEqual(status, 502)
        self.assertEqual(body["error_code"], "PROVISIONING_FAILED")
        self.assertTrue(body["detail"].startswith("ProviderUnavailable: docker cannot be reached"), body)
        self.assertEqual(service.hosts()[0]["status"], "error")
        check = service.request("GET", "/doctor")[1]["checks"][1]
        self.assertEqual((check["status"], check["hint"]), ("fail", "check_docker_daemon_is_running"))

    def test_what_a_container_cannot_be_is_a_502_before_anything_exists(self):
        service = self.service(DEFAULT_HOST_PROVIDER="docker", DOCKER_HOST=engine())
        for body, expected in (
            ({"env": {"DRUKBOX_AUTHORIZED_KEY": "x"}}, "docker reserves the variable DRUKBOX_AUTHORIZED_KEY"),
            ({"env": {"A": "x\0y"}}, "docker cannot carry the NUL in the value of the variable A"),
            ({"instance_type": "huge"}, "docker does not know the instance type 'huge'"),
            ({"image": "localhost/none:1"}, "docker has no image localhost/none:1"),
        ):
            with self.subTest(expected):
                status, answer = service.request("POST", "/hosts", body)
                self.assertEqual(status, 502, answer)
                self.assertIn(expected, answer["detail"])
        status, answer = service.request("POST", "/hosts", {"disk_gb": 5})
        self.assertEqual((status, answer["detail"]), (400, "provider 'docker' does not support a per-request disk_gb"))

    def test_a_host_on_the_tailnet_is_refused_before_anything_exists(self):
        tailnet = FakeTailscale(self.home.path / "hosts")
        self.addCleanup(tailnet.stop)
        service = self.service(
            DEFAULT_HOST_PROVIDER="docker",
            DOCKER_HOST=engine(),
            DOCKER_DEFAULT_IMAGE="localhost/drukbox/sandbox:latest",
            RECONCILE_INTERVAL_SECONDS="3600",
            **tailnet.settings(),
        )
        answer = service.request("POST", "/hosts", headers={"Idempotency-Key": "k"})
        detail = "ProviderError: docker does not support Tailscale"
        self.assertEqual(answer, (502, {"detail": detail, "error_code": "PROVISIONING_FAILED"}))
        (row,) = service.hosts()
        self.assertEqual((row["status"], row["last_error"]), ("error", detail))
        self.assertNotIn("/" + row["name"], containers())
        self.assertEqual(tailnet.requests, [])
        self.assertEqual(service.request("DELETE", "/hosts/" + row["id"]), (204, None))
        self.assertEqual(service.hosts(), [])


if __name__ == "__main__":
    main()
