"""The SDK against the service of this repository, whose every operation it performs."""

import uuid

from peers import run_sdk
from support import TestCase, main


class ServiceTestCase(TestCase):
    settings = {}

    def setUp(self):
        super().setUp()
        self.running = self.service(**self.settings)
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


class ServiceTest(ServiceTestCase):
    def test_a_host_from_its_creation_to_its_end(self):
        host = self.result("create_host", env={"GREETING": "grün"}, idempotency_key="k")
        self.assertEqual((host["status"], host["provider"]), ("active", "local"))
        self.assertTrue(host["private_key"])
        self.assertEqual(self.result("create_host", env={"GREETING": "blau"}, idempotency_key="k")["id"], host["id"])

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

    def test_proxies_of_a_provider_without_them(self):
        proxy = {"name": "p", "target": "https://api.example.com", "headers": {"A": "b"}}
        host = self.result("create_host")
        for operation, arguments in {
            "create_http_proxy": proxy,
            "delete_http_proxy": {"name": "p"},
            "attach_http_proxy": {"name": "p", "host_id": host["id"]},
            "detach_http_proxy": {"name": "p", "host_id": host["id"]},
        }.items():
            with self.subTest(operation):
                error = self.error(operation, **arguments)
                self.assertEqual((error["error"], error["status"]), ("SandboxResponseError", 501))
                self.assertEqual(error["error_code"], "HTTP_PROXY_UNSUPPORTED")

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


class ServiceWithProxiesTest(ServiceTestCase):
    settings = {"DEFAULT_HOST_PROVIDER": "sim", "SIM_CREATE_MS": "0", "SIM_BOOT_MS": "0"}

    def test_a_proxy_from_its_creation_to_its_end(self):
        target = {"target": "https://API.example.com:443", "headers": {"Authorization": "Bearer s"}}
        self.assertEqual(
            self.result("create_http_proxy", name="p", **target), {"name": "p", "status": "created"}
        )
        again = self.error("create_http_proxy", name="p", **target)
        self.assertEqual((again["error"], again["error_code"]), ("SandboxConflictError", "HTTP_PROXY_EXISTS"))

        host_id = self.result("create_host")["id"]
        self.assertEqual(
            self.result("attach_http_proxy", name="p", host_id=host_id),
            {"name": "p", "host_id": host_id, "status": "attached"},
        )
        self.assertIsNone(self.result("detach_http_proxy", name="p", host_id=host_id))

        self.assertIsNone(self.result("delete_http_proxy", name="p"))
        gone = self.error("delete_http_proxy", name="p")
        self.assertEqual((gone["error"], gone["error_code"]), ("SandboxNotFoundError", "HTTP_PROXY_NOT_FOUND"))

    def test_a_proxy_without_headers(self):
        refused = self.error("create_http_proxy", name="p", target="https://example.com", headers={})
        self.assertEqual((refused["error"], refused["status"]), ("SandboxValidationError", 422))


if __name__ == "__main__":
    main()
