"""A machine of a cloud that is made by a call whose answer was lost, and that no list shows until later."""

import pathlib
import sys

PROVIDERS = pathlib.Path(__file__).resolve().parent.parent / "providers"
sys.path.append(str(PROVIDERS / "hetzner"))

from fake_hetzner import FakeHetzner
from support import Home, Service, TestCase, main, wait_until


class LateMachine(TestCase):
    def setUp(self):
        super().setUp()
        self.cloud = FakeHetzner()
        self.addCleanup(self.cloud.stop)
        self.cloud.controls["boot"] = 1

    def settings(self, label):
        return {
            "DEFAULT_HOST_PROVIDER": "hetzner",
            **self.cloud.settings(),
            "SERVICE_LABEL": label,
            "RECONCILE_INTERVAL_SECONDS": "1",
            "ORPHAN_GRACE_SECONDS": "3600",
        }

    def neighbour(self):
        """A service with another label on the same account, and its host."""
        home = Home()
        self.addCleanup(home.remove)
        neighbour = Service(home, **self.settings("theirs")).start()
        self.addCleanup(self._stop, neighbour)
        status, host = neighbour.request("POST", "/hosts")
        self.assertEqual(status, 201, host)
        return neighbour, host

    def everything(self):
        """The ids of all servers and keys that the account has."""
        with self.cloud.lock:
            servers = {one for one, server in self.cloud.servers.items() if server["status"] != "deleting"}
            return servers | set(self.cloud.keys)

    def deleted(self):
        return [request["path"] for request in self.cloud.requests if request["method"] == "DELETE"]

    def let_rounds_pass(self, label):
        def inventories():
            selectors = [request["query"].get("label_selector") for request in self.cloud.requests]
            return selectors.count("managed-by==" + label)

        enough = inventories() + 2
        wait_until(lambda: inventories() >= enough, "the reconciler looks")

    def test_is_removed_with_its_key_once_it_shows_and_nothing_of_another_label_is(self):
        neighbour, theirs = self.neighbour()
        self.cloud.controls["silent"] = True
        by_hand = {"name": "sb-0123456789ab", "labels": {"drukbox-host-name": "sb-0123456789ab"}}
        self.cloud.create_servers({**by_hand, "server_type": "cx23", "image": "ubuntu-24.04"})
        before = self.everything()
        service = self.service(**self.settings("ours"))

        self.cloud.controls.update(lose=1, late=True)
        status, answer = service.request("POST", "/hosts")
        self.assertEqual((status, answer["error_code"]), (502, "PROVISIONING_FAILED"))
        self.assertTrue(answer["detail"].startswith("ProviderUnavailable: hetzner cannot be reached"), answer)
        wait_until(lambda: not service.hosts(), "the row is erased")
        self.let_rounds_pass("ours")
        self.assertEqual(self.deleted(), [])
        late_server, late_key = sorted(self.everything() - before, reverse=True)
        name = self.cloud.servers[late_server]["name"]
        self.assertEqual(self.cloud.keys[late_key]["name"], "drukbox-" + name)

        self.cloud.controls["late"] = False
        wait_until(lambda: self.everything() == before, "the late machine is removed")
        self.let_rounds_pass("ours")
        self.let_rounds_pass("theirs")
        self.assertEqual(self.deleted(), [f"/v1/ssh_keys/{late_key}", f"/v1/servers/{late_server}"])
        self.assertEqual(self.everything(), before)
        self.assertIn(f'reconciler.orphan provider=hetzner vm={name} reason="its host has ended"', service.log())
        self.assertEqual([(host["id"], host["status"]) for host in neighbour.hosts()], [(theirs["id"], "active")])


if __name__ == "__main__":
    main(machines=True)
