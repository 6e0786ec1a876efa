"""The SDK against the service of this repository, whose every operation it performs."""

import uuid

from peers import run_sdk
from support import TestCase, main


class ServiceTest(TestCase):
    def setUp(self):
        super().setUp()
        self.running = self.service()
        self.addCleanup(self.delete_all)

    def delete_all(self):
        for host in self.running.hosts():
            self.running.request("DELETE", "/hosts/" + host["id"])

    def sdk(self, *calls, token=None):
        config = {"base_url": self.running.url, "token": token or self.running.token}
        return run_sdk(config, calls)

    def result(self, operation, **arguments):
        outcome = self.sdk({"operation": operation, **arguments})[0]
        self.assertIn("result", outcome)
        return outcome["result"]

    def error(self, operation, token=None, **arguments):
        outcome = self.sdk({"operation": operation, **arguments}, token=token)[0]
        self.assertIn("error", outcome)
        return outcome

    def test_a_host_from_its_creation_to_its_end(self):
        host = self.result("create_host", env={"GREETING": "grün"}, idempotency_key="k")
        self.assertEqual((host["status"], host["provider"]), ("active", "local"))
        self.assertTrue(host["private_key"])
        self.assertEqual(self.result("create_host", idempotency_key="k")["id"], host["id"])

        seen = self.result("get_host", host_id=host["id"])
        self.assertEqual(seen["known_hosts"], host["known_hosts"])
        self.assertIsNone(seen["private_key"])
        self.assertEqual(self.result("attach", host_id="urn:uuid:" + host["id"].upper()), seen)
        self.assertEqual(self.result("list_hosts"), [seen])

        renewed = self.result("renew_host", host_id=host["id"], expires_at="2031-01-02T03:04:05.000600+00:00")
        self.assertEqual(renewed["expires_at"], "2031-01-02T03:04:05.000600Z")
        self.assertNotEqual(self.result("renew_host", host_id=host["id"])["expires_at"], renewed["expires_at"])

        self.assertIsNone(self.result("delete_host", host_id=host["id"]))
        self.assertEqual(self.result("list_hosts"), [])
        for operation in ("get_host", "attach", "renew_host", "delete_host"):
            self.assertEqual(self.error(operation, host_id=host["id"])["error"], "SandboxNotFoundError")

    def test_leases(self):
        permanent = self.result("create_host", permanent=True)
        self.assertIsNone(permanent["expires_at"])
        until = self.result("create_host", expires_at="2031-01-02T03:04:05+00:00")
        self.assertEqual(until["expires_at"], "2031-01-02T03:04:05Z")
        by_default = self.result("create_host")
        self.assertIsNotNone(by_default["expires_at"])

    def test_hosts_at_once(self):
        (created,) = self.sdk([{"operation": "create_host"} for _ in range(4)])
        ids = {outcome["result"]["id"] for outcome in created}
        self.assertEqual(len(ids), 4)
        (deleted,) = self.sdk([{"operation": "delete_host", "host_id": host_id} for host_id in sorted(ids)])
        self.assertEqual(deleted, [{"result": None}] * 4)

    def test_doctor(self):
        report = self.result("doctor")
        self.assertEqual((report["ok"], report["active_provider"]), (True, "local"))
        self.assertEqual([check["name"] for check in report["checks"]], ["db", "provider"])

    def test_refusals(self):
        unknown = self.error("get_host", host_id=str(uuid.uuid4()))
        self.assertEqual((unknown["error"], unknown["detail"]), ("SandboxNotFoundError", "host not found"))
        blank = self.error("create_host", image=" ")
        self.assertEqual(blank["error"], "SandboxValidationError")
        self.assertIn("image must not be blank", blank["detail"])
        provider = self.error("create_host", provider="nowhere")
        self.assertEqual((provider["error"], provider["status"]), ("SandboxResponseError", 400))
        self.assertTrue(provider["detail"].startswith("unknown provider 'nowhere'"))
        image = self.error("create_host", image="/nowhere")
        self.assertEqual(image["error"], "SandboxProvisioningError")
        token = self.error("list_hosts", token="another")
        self.assertEqual((token["error"], token["detail"]), ("SandboxAuthError", "service token rejected"))


if __name__ == "__main__":
    main()
