"""Machines of a cloud on a tailnet: the cloud and Tailscale are fakes, SSH and the bootstrap script are real."""

import concurrent.futures
import pathlib
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path += [str(TESTS / part) for part in ("providers", "providers/hetzner", "networking")]

from fake_hetzner import FakeHetzner
from fake_tailscale import PROGRAMS, TAILNET, FakeTailscale
from support import PATIENCE, TestCase, main, wait_until
from vm import Vm


class Tailnet(TestCase):
    def setUp(self):
        super().setUp()
        self.cloud = FakeHetzner()
        self.addCleanup(self.cloud.stop)
        self.cloud.controls.update(boot=1, programs=str(PROGRAMS))
        self.hosts_file = self.home.path / "hosts"
        self.tailnet = FakeTailscale(self.hosts_file)
        self.addCleanup(self.tailnet.stop)

    def service_on_tailnet(self, **settings):
        """A service that resolves the names of the tailnet, and no others."""
        nsswitch = self.home.path / "nsswitch.conf"
        nsswitch.write_text("hosts: files\n")
        mount = f"mount --bind {self.hosts_file} /etc/hosts && mount --bind {nsswitch} /etc/nsswitch.conf"
        settings = {
            "DEFAULT_HOST_PROVIDER": "hetzner",
            **self.cloud.settings(),
            "RECONCILE_INTERVAL_SECONDS": "3600",
            **self.tailnet.settings(),
            **settings,
        }
        return self.service(mount, **settings)

    def create(self, service, **env):
        """What POST /hosts answers; the machine joins where its owner says, which is the fake."""
        body = {"env": {"TAILSCALE_LOGIN_SERVER": self.tailnet.url, **env}}
        return service.request("POST", "/hosts", body)

    def log_in(self, service, host, command):
        """To the inner address, by the name that the service resolves, trusting nothing but the known hosts."""
        (self.home.path / "known_hosts").write_text(host["known_hosts"])
        key = self.home.path / "key"
        key.touch(mode=0o600)
        key.write_text(host["private_key"])
        ssh = ["ssh", "-F", "none", "-i", key, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"]
        ssh += ["-o", "StrictHostKeyChecking=yes", "-o", f"UserKnownHostsFile={self.home.path}/known_hosts"]
        ssh += ["-o", "GlobalKnownHostsFile=none", f"{host['ssh_username']}@{host['internal_ssh_host']}", command]
        inside = ["nsenter", f"--mount=/proc/{service.process.pid}/ns/mnt", "--", *ssh]
        done = subprocess.run(inside, capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def assert_nothing_left(self):
        left = (self.cloud.machines, self.cloud.keys, self.tailnet.devices, self.tailnet.keys)
        self.assertEqual(left, ({}, {}, {}, {}))

    def assert_failed(self, service, answer, detail):
        """The create failed, its row says so, and nothing else of it is left."""
        self.assertEqual(answer, (502, {"detail": detail, "error_code": "PROVISIONING_FAILED"}))
        (row,) = service.hosts()
        self.assertEqual((row["status"], row["last_error"]), ("error", detail))
        # What was made is removed after the answer.
        wait_until(lambda: not self.cloud.machines and not self.tailnet.devices, "the machine and its device are gone")
        self.assertEqual(service.request("DELETE", "/hosts/" + row["id"]), (204, None))
        self.assert_nothing_left()

    def test_a_host_is_active_when_it_is_reached_on_the_tailnet_and_leaves_both_when_deleted(self):
        self.tailnet.controls["hold_names"] = True
        service = self.service_on_tailnet()
        with concurrent.futures.ThreadPoolExecutor() as callers:
            creating = callers.submit(self.create, service, TAILSCALE_ADVERTISE_TAGS="tag:ci", WHERE="there")
            wait_until(lambda: any(host["tailscale_device_id"] for host in service.hosts()), "the device is known")
            (early,) = service.hosts()
            (device,) = self.tailnet.devices.values()
            inner = f"{early['name']}.{TAILNET}"
            self.assertEqual((early["status"], early["internal_ssh_host"]), ("bootstrapping", inner))
            self.assertFalse(creating.done())
            self.tailnet.publish(early["name"], *device["addresses"])
            status, host = creating.result()

        self.assertEqual((status, host["status"]), (201, "active"), host)
        self.assertEqual(host["tailscale_device_id"], device["nodeId"])
        self.assertEqual((device["hostname"], device["tags"]), (host["name"], ["tag:ci"]))
        self.assertEqual(self.tailnet.keys, {}, "a key is for one machine")
        outer, on_tailnet = (line.split(" ", 1) for line in host["known_hosts"].splitlines())
        (machine,) = self.cloud.machines.values()
        self.assertEqual((outer[0], on_tailnet[0]), (machine.address, inner))
        self.assertEqual(outer[1], on_tailnet[1])
        said = self.log_in(service, host, "id -un; echo $WHERE; echo $(cat /run/address); ls /var/lib/sandbox")
        self.assertEqual(said.split(), ["root", "there", machine.address, "bootstrap.done"])
        check = service.request("GET", "/doctor")[1]["checks"][2]
        self.assertEqual((check["name"], check["detail"]), ("tailscale", f"tailnet={TAILNET} devices=1"))

        self.assertEqual(service.request("DELETE", "/hosts/" + host["id"]), (204, None))
        self.assertEqual(service.hosts(), [])
        self.assert_nothing_left()

    def test_a_machine_that_never_joins_leaves_nothing(self):
        self.tailnet.controls["refuse"] = True
        service = self.service_on_tailnet(DEVICE_DISCOVERY_TIMEOUT_SECONDS="2")
        self.assert_failed(service, self.create(service),
                           "ProviderTimeout: the machine did not join the tailnet within 2 s")

    def test_a_machine_that_is_another_one_on_the_tailnet_leaves_nothing(self):
        self.tailnet.controls["hold_names"] = True
        service = self.service_on_tailnet()
        other = Vm([], None)
        self.addCleanup(other.remove)
        with concurrent.futures.ThreadPoolExecutor() as callers:
            creating = callers.submit(self.create, service)
            (device,) = wait_until(lambda: list(self.tailnet.devices.values()), "the machine joins")
            name = device["hostname"]
            self.tailnet.publish(name, other.address)
            self.assert_failed(
                service, creating.result(),
                f"ProviderError: on the tailnet: SSH at {name}.{TAILNET} port 22 answers with another host key")

    def test_a_tailnet_that_refuses_the_service_is_asked_before_the_cloud(self):
        service = self.service_on_tailnet(TAILSCALE_OAUTH_CLIENT_SECRET="revoked")
        status, body = self.create(service)
        self.assertEqual((status, body["error_code"]), (502, "PROVISIONING_FAILED"))
        self.assertTrue(body["detail"].startswith("ProviderAuthError: tailscale failed to"), body)
        self.assertFalse([request for request in self.cloud.requests if request["method"] == "POST"])


if __name__ == "__main__":
    main(machines=True)
