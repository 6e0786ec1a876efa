"""From the local provider to a container engine to a cloud by settings alone, on one state directory."""

import pathlib
import sys

sys.path += [str(pathlib.Path(__file__).resolve().parent.parent / "providers" / part) for part in (".", "hetzner")]

from docker_test import engine
from fake_hetzner import TOKEN, FakeHetzner
from support import TestCase, main


class Switch(TestCase):
    def create_and_log_in(self):
        host = self.drukbox("create", "--json", "--env", "WHERE=there").json
        login = self.drukbox("ssh", host["name"], "--", "id -un; echo $WHERE").stdout.splitlines()
        report = self.drukbox("doctor", "--json").json
        self.assertTrue(report["ok"], report)
        self.assertEqual(report["active_provider"], host["provider"])
        return host, login

    def test_local_to_docker_to_hetzner_is_three_settings_each(self):
        cloud = FakeHetzner()
        self.addCleanup(cloud.stop)
        cloud.controls["boot"] = 1
        self.home.env["HETZNER_API_URL"] = cloud.url + "/v1"  # where this test's Hetzner is
        hosts = []
        for expected, switch in (
            (("local", "sandbox"), {}),
            (
                ("docker", "root"),
                {
                    "DEFAULT_HOST_PROVIDER": "docker",
                    "DOCKER_HOST": engine(),
                    "DOCKER_DEFAULT_IMAGE": "localhost/drukbox/sandbox:latest",
                },
            ),
            (
                ("hetzner", "root"),
                {"DEFAULT_HOST_PROVIDER": "hetzner", "HETZNER_API_TOKEN": TOKEN, "HETZNER_LOCATION": "fsn1"},
            ),
        ):
            service = self.service(**switch)
            host, login = self.create_and_log_in()
            self.assertEqual((host["provider"], *login), (*expected, "there"))
            hosts.append(host)
            self.assertEqual(service.stop(), 0)

        # What was made before is still there, and can be removed while its provider is configured.
        service = self.service(**switch, DOCKER_HOST=engine())
        self.assertEqual([host["name"] for host in reversed(service.hosts())], [host["name"] for host in hosts])
        for host in hosts:
            self.drukbox("rm", host["name"])
        self.assertEqual(service.hosts(), [])
        self.assertEqual(cloud.keys, {})
        self.assertEqual(cloud.machines, {})


if __name__ == "__main__":
    main(machines=True)
