"""The routes of HTTP proxies over exe.dev's command lines, whose fake has real SSH servers as its VMs."""

import pathlib
import sys

PROVIDERS = pathlib.Path(__file__).resolve().parent.parent / "providers"
sys.path += [str(PROVIDERS / part) for part in ("exe", "hetzner")]

from fake_exe import TOKEN, FakeExe
from fake_hetzner import FakeHetzner
from support import PATIENCE, TestCase, main

PROXY = {"name": "p", "target": "HTTPS://API.example.com:443", "headers": {"X-Key": "planted"}}


class ExeProxies(TestCase):
    def setUp(self):
        super().setUp()
        self.exe = FakeExe()
        self.addCleanup(self.exe.stop)
        self.exe_settings = {
            "DEFAULT_HOST_PROVIDER": "exe",
            "EXE_API_URL": self.exe.url,
            "EXE_API_TOKEN": TOKEN,
            "EXE_DEFAULT_IMAGE": "exeuntu",
            # Of a machine that is busy with other tests.
            "EXE_BOOTSTRAP_SSH_TIMEOUT_SECONDS": "120",
            "LOG_LEVEL": "debug",
            "RECONCILE_INTERVAL_SECONDS": "3600",
        }

    def create_host(self, service, **body):
        status, host = service.request("POST", "/hosts", body, timeout=3 * PATIENCE)
        self.assertEqual(status, 201, host)
        return host

    def test_a_proxy_is_made_attached_detached_and_removed(self):
        service = self.service(**self.exe_settings)
        host = self.create_host(service)
        headers = {"X-Key": "planted 'secret' \"too\" $HOME \\ `id`", "Authorization": "Bearer planted"}
        answer = service.request("POST", "/http-proxies", {**PROXY, "headers": headers})
        self.assertEqual(answer, (201, {"name": "p", "status": "created"}))
        made = {"target": "https://api.example.com/", "headers": headers, "vms": set()}
        self.assertEqual(self.exe.proxies, {"p": made})

        there = f"/http-proxies/p/hosts/{host['id']}"
        attached = (200, {"name": "p", "host_id": host["id"], "status": "attached"})
        self.assertEqual(service.request("POST", there), attached)
        self.assertEqual(self.exe.proxies["p"]["vms"], {host["name"]})
        self.assertEqual(service.request("DELETE", there), (204, None))
        self.assertEqual(self.exe.proxies["p"]["vms"], set())

        # It belongs to the account: it outlives the hosts that it was attached to.
        self.assertEqual(service.request("POST", there), attached)
        self.assertEqual(service.request("DELETE", "/hosts/" + host["id"]), (204, None))
        self.assertEqual(self.exe.proxies, {"p": made})
        self.assertEqual(service.request("DELETE", "/http-proxies/p"), (204, None))
        self.assertEqual(self.exe.proxies, {})
        self.assertNotIn("planted", service.log())

    def test_what_exe_refuses_is_answered_by_its_kind(self):
        service = self.service(**self.exe_settings)
        host = self.create_host(service)
        there = f"/http-proxies/p/hosts/{host['id']}"
        exists = (409, {"detail": "http proxy already exists", "error_code": "HTTP_PROXY_EXISTS"})
        no_proxy = (404, {"detail": "http proxy not found", "error_code": "HTTP_PROXY_NOT_FOUND"})
        no_machine = (409, {"detail": "host does not have a backing VM", "error_code": "HOST_STATE"})
        for method, path in (("DELETE", "/http-proxies/p"), ("POST", there), ("DELETE", there)):
            self.assertEqual(service.request(method, path), no_proxy)
        self.assertEqual(service.request("POST", "/http-proxies", PROXY)[0], 201)
        self.assertEqual(service.request("POST", "/http-proxies", PROXY), exists)

        self.exe.rm(None, [host["name"]])
        for method in ("POST", "DELETE"):
            self.assertEqual(service.request(method, there), no_machine)

    def test_what_exe_cannot_do_is_a_503_that_says_nothing_of_it(self):
        service = self.service(**self.exe_settings)
        host = self.create_host(service)
        there = f"/http-proxies/p/hosts/{host['id']}"
        for method, path, body, done in (
            ("POST", "/http-proxies", PROXY, "created"),
            ("POST", there, None, "attached"),
            ("DELETE", there, None, "detached"),
            ("DELETE", "/http-proxies/p", None, "removed"),
        ):
            self.exe.controls.update(broken=1, broken_status=500, broken_body="planted in a page")
            with self.subTest(done):
                failed = {"detail": f"http proxy could not be {done}", "error_code": "HTTP_PROXY"}
                self.assertEqual(service.request(method, path, body), (503, failed))
        self.assertEqual(self.exe.proxies, {})

    def test_what_would_be_a_line_of_its_own_is_refused_before_anything_is_asked_of_exe(self):
        service = self.service(**self.exe_settings)
        for path, body, status in (
            ("/hosts", {"image": "exeuntu\nrm --json theirs"}, 422),
            ("/litterbox/hosts", {"image": "exeuntu\rrm --json theirs"}, 422),
            ("/hosts", {"env": {"A": "planted\nrm --json theirs"}}, 400),
            ("/hosts", {"env": {"A": "planted\0"}}, 400),
            ("/hosts", {"env": {"A\nrm --json theirs": "planted"}}, 422),
            ("/http-proxies", {**PROXY, "name": "p\nrm --json theirs"}, 422),
            ("/http-proxies", {**PROXY, "target": "https://example.com/\nrm --json theirs"}, 422),
            ("/http-proxies", {**PROXY, "headers": {"X-Key": "planted\nX-Other: y"}}, 422),
            ("/http-proxies", {**PROXY, "headers": {"X-Key\nX-Other": "planted"}}, 422),
        ):
            with self.subTest(path=path, body=body):
                self.assertEqual(service.request("POST", path, body)[0], status)
        asked = {request["body"].split()[0] for request in self.exe.requests if request["method"] == "POST"}
        self.assertLessEqual(asked, {"ls"})
        self.assertEqual(service.hosts(), [])
        self.assertNotIn("planted", service.log())

    def test_a_proxy_is_made_at_the_default_provider_and_attached_at_the_hosts_own(self):
        cloud = FakeHetzner()
        self.addCleanup(cloud.stop)
        cloud.controls["boot"] = 1
        service = self.service(**self.exe_settings, **cloud.settings())
        self.assertEqual(service.request("POST", "/http-proxies", PROXY)[0], 201)
        at_exe = self.create_host(service)
        at_hetzner = self.create_host(service, provider="hetzner")
        unsupported = {
            "detail": "VM provider 'hetzner' does not support HttpProxyCapability",
            "error_code": "HTTP_PROXY_UNSUPPORTED",
        }
        self.assertEqual(service.request("POST", f"/http-proxies/p/hosts/{at_hetzner['id']}"), (501, unsupported))
        self.assertEqual(service.request("POST", f"/http-proxies/p/hosts/{at_exe['id']}")[0], 200)
        self.assertEqual(service.stop(), 0)

        service = self.service(**{**self.exe_settings, "DEFAULT_HOST_PROVIDER": "hetzner"}, **cloud.settings())
        self.assertEqual(service.request("POST", "/http-proxies", PROXY), (501, unsupported))
        self.assertEqual(service.request("DELETE", "/http-proxies/p"), (501, unsupported))
        self.assertEqual(service.request("DELETE", f"/http-proxies/p/hosts/{at_exe['id']}"), (204, None))
        self.assertEqual(self.exe.proxies["p"]["vms"], set())


if __name__ == "__main__":
    main(machines=True)
