"""Every operation and every error of one published Drukbox client, against running services.

The client is whichever `drukbox_sdk` is on the path: operations and fields that its version lacks are left out. Run by
conformance_test.py, which says in the environment where the services are:

PLAIN     hosts come into being at once, HTTP proxies are there, and the pool is off
REFUSING  the provider refuses every create
KEEPING   the provider refuses every removal
SLOW      the provider takes a while for a create
POOLED    there is a host in the pool, which nobody claims
LOCAL     the default provider has no HTTP proxies; nobody gets a host of it
NOWHERE   an address that nobody listens on
"""

import asyncio
import dataclasses
import datetime
import inspect
import os
import unittest
import uuid

import drukbox_sdk
from drukbox_sdk import SandboxAPI

TOKEN = os.environ["TOKEN"]
PREFIX = os.environ["PREFIX"]
BEYOND = os.environ["BEYOND"]
UNKNOWN = str(uuid.UUID(int=1))

UnavailableError = drukbox_sdk.SandboxUnavailableError
ResponseError = drukbox_sdk.SandboxResponseError
# Before version 0.0.6 a 422 was one of the errors that the client does not tell apart.
ValidationError = getattr(drukbox_sdk, "SandboxValidationError", ResponseError)


def has(operation):
    return hasattr(SandboxAPI, operation)


def takes(argument):
    return argument in inspect.signature(SandboxAPI.create_host).parameters


def keys_of(record):
    return {field.name for field in dataclasses.fields(record)}


def in_hours(hours):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)


class ClientTest(unittest.IsolatedAsyncioTestCase):
    def client(self, service="PLAIN", token=TOKEN):
        client = SandboxAPI(base_url=os.environ[service] + PREFIX + "/", token=token)
        self.addAsyncCleanup(client.aclose)
        return client

    async def host(self, client, **arguments):
        host = await client.create_host(**arguments)
        self.addAsyncCleanup(self.forget, client, host.id)
        return host

    async def forget(self, client, host_id):
        try:
            await client.delete_host(host_id)
        except (drukbox_sdk.SandboxNotFoundError, UnavailableError):
            pass


class Operations(ClientTest):
    async def test_create_get_attach_list_and_delete(self):
        client = self.client()
        host = await self.host(client, image="an-image", env={"FOO": "bar"}, idempotency_key=f"k-{uuid.uuid4()}")
        self.assertEqual(host.status, "active")
        self.assertEqual(host.image, "an-image")
        self.assertEqual(host.provider, "sim")
        self.assertTrue(host.external_ssh_host)
        self.assertEqual(host.external_ssh_port, 22)
        self.assertIn("ssh-ed25519", host.known_hosts)
        self.assertEqual(host.last_error, "")
        self.assertTrue(host.activated_at)
        if "private_key" in keys_of(host):
            self.assertTrue(host.private_key.startswith("-----BEGIN OPENSSH PRIVATE KEY-----"))
            host = dataclasses.replace(host, private_key=None)
        if "ssh_username" in keys_of(host):
            self.assertEqual(host.ssh_username, "sandbox")
        if "service_account" in keys_of(host):
            self.assertEqual(host.service_account, "admin")
        self.assertEqual(await client.get_host(host.id), host)
        self.assertEqual(await client.get_host(uuid.UUID(host.id)), host)
        self.assertEqual(await client.attach(host.id), host)
        self.assertIn(host, await client.list_hosts())
        self.assertIsNone(await client.delete_host(host.id))
        self.assertNotIn(host.id, [other.id for other in await client.list_hosts()])

    async def test_create_without_anything(self):
        host = await self.host(self.client())
        self.assertEqual(host.image, "sim-image")
        self.assertTrue(host.expires_at)

    async def test_create_twice_with_one_key_is_one_host(self):
        client = self.client()
        key = f"key-{uuid.uuid4()}"
        first, second = await asyncio.gather(
            self.host(client, idempotency_key=key), self.host(client, idempotency_key=key)
        )
        self.assertEqual(first.id, second.id)

    async def test_create_until_a_point_in_time(self):
        until = in_hours(3)
        host = await self.host(self.client(), expires_at=until)
        self.assertEqual(datetime.datetime.fromisoformat(host.expires_at), until)

    async def test_create_for_good(self):
        if takes("permanent"):
            host = await self.host(self.client(), permanent=True)
        elif "UNSET" in repr(inspect.signature(SandboxAPI.create_host).parameters["expires_at"].default):
            host = await self.host(self.client(), expires_at=None)
        else:
            self.skipTest("this version knows no permanent hosts")
        self.assertIsNone(host.expires_at)

    @unittest.skipUnless(takes("provider"), "this version chooses no provider")
    async def test_create_at_a_provider(self):
        host = await self.host(self.client(), provider="sim")
        self.assertEqual(host.provider, "sim")

    @unittest.skipUnless(takes("disk_gb"), "this version asks for no size")
    async def test_create_in_a_size(self):
        host = await self.host(self.client(), instance_type="large", disk_gb=50)
        self.assertEqual((host.instance_type, host.disk_gb), ("large", 50))

    @unittest.skipUnless(has("renew_host"), "this version does not renew")
    async def test_renew(self):
        client = self.client()
        host = await self.host(client)
        until = in_hours(48)
        renewed = await client.renew_host(host.id, expires_at=until)
        self.assertEqual(datetime.datetime.fromisoformat(renewed.expires_at), until)
        again = await client.renew_host(host.id)
        self.assertLess(datetime.datetime.fromisoformat(again.expires_at), until)

    @unittest.skipUnless(has("doctor"), "this version asks no doctor")
    async def test_doctor(self):
        report = await self.client().doctor()
        self.assertIs(report.ok, True)
        self.assertEqual(report.active_provider, "sim")
        self.assertEqual([check.name for check in report.checks], ["db", "provider"])
        self.assertEqual({check.status for check in report.checks}, {"ok"})
        self.assertIs(getattr(report, "tailnet", getattr(report, "tailscale_enabled", None)), False)

    @unittest.skipUnless(has("create_http_proxy"), "this version has no proxies")
    async def test_proxies(self):
        client = self.client()
        host = await self.host(client)
        name = f"p-{uuid.uuid4()}"
        proxy = await client.create_http_proxy(name=name, target="https://example.com", headers={"X-Key": "k"})
        self.assertEqual((proxy.name, proxy.status), (name, "created"))
        attachment = await client.attach_http_proxy(name, host.id)
        self.assertEqual((attachment.name, attachment.host_id, attachment.status), (name, host.id, "attached"))
        self.assertIsNone(await client.detach_http_proxy(name, host.id))
        self.assertIsNone(await client.delete_http_proxy(name))

    async def test_from_env(self):
        os.environ["CHECK_SERVICE_URL"] = os.environ["PLAIN"] + PREFIX
        os.environ["CHECK_SERVICE_TOKEN"] = TOKEN
        client = SandboxAPI.from_env(prefix="CHECK_")
        self.addAsyncCleanup(client.aclose)
        self.assertIsInstance(await client.list_hosts(), list)


class Errors(ClientTest):
    async def test_a_wrong_token(self):
        with self.assertRaisesRegex(drukbox_sdk.SandboxAuthError, "^service token rejected$"):
            await self.client(token="wrong").list_hosts()

    async def test_no_token(self):
        client = self.client()
        # httpx makes Basic credentials of these, in place of the token.
        client.base_url = client.base_url.replace("://", "://user:password@")
        with self.assertRaisesRegex(drukbox_sdk.SandboxAuthError, "^service token required$"):
            await client.list_hosts()

    async def test_a_host_that_is_not_there(self):
        client = self.client()
        calls = [client.get_host, client.attach, client.delete_host]
        if has("renew_host"):
            calls.append(client.renew_host)
        for call in calls:
            with self.subTest(call=call.__name__), self.assertRaisesRegex(
                drukbox_sdk.SandboxNotFoundError, "^host not found$"
            ):
                await call(UNKNOWN)

    async def test_a_request_that_breaks_rules(self):
        client = self.client()
        wrong = [
            (dict(image=" "), "image must not be blank"),
            (dict(env={"2B": ""}), "env keys must be valid environment variable names: 2B"),
            (dict(env={"TAILSCALE_AUTHKEY": ""}), "reserved env keys are not allowed: TAILSCALE_AUTHKEY"),
            (dict(expires_at=in_hours(-1)), "expires_at must be in the future"),
            (dict(expires_at=datetime.datetime(2031, 1, 1)), "expires_at must include a timezone offset"),
            (dict(idempotency_key="a b"), "String should match pattern"),
        ]
        if takes("disk_gb"):
            wrong.append((dict(disk_gb=0), "Input should be greater than or equal to 1"))
            wrong.append((dict(instance_type=""), "instance_type must not be blank"))
        for arguments, message in wrong:
            with self.subTest(arguments=arguments), self.assertRaises(ValidationError) as raised:
                await client.create_host(**arguments)
            self.assertIn(message, str(raised.exception))
        with self.assertRaises(ValidationError):
            await client.get_host("no-uuid")

    @unittest.skipUnless(takes("provider"), "this version chooses no provider")
    async def test_an_unknown_provider(self):
        with self.assertRaisesRegex(ResponseError, "^unknown provider 'x'; available: .*sim"):
            await self.client().create_host(provider="x")

    @unittest.skipUnless(takes("template"), "this version knows no templates")
    async def test_a_template(self):
        client = self.client("LOCAL")
        for template in (UNKNOWN, uuid.UUID(UNKNOWN)):
            with self.assertRaisesRegex(drukbox_sdk.SandboxConflictError, f"^template '{UNKNOWN}' is not available"):
                await client.create_host(template=template)
        with self.assertRaisesRegex(ValidationError, "valid UUID"):
            await client.create_host(template="a-template")
        self.assertEqual(await client.list_hosts(), [])
        host = await self.host(self.client(), template=UNKNOWN, image="wins")
        self.assertEqual(host.image, "wins")

    @unittest.skipUnless(takes("secrets"), "this version has no secrets")
    async def test_secrets(self):
        client = self.client("LOCAL")
        secret, issuer = drukbox_sdk.Secret, drukbox_sdk.Issuer
        url, headers = "https://mint.example/box-1/anthropic", {"Authorization": "Bearer x"}
        for secrets in (
            {"openai": secret("sk-x")},
            {"anthropic": issuer(url, headers=headers, refresh="1h")},
            {"acme": secret("ak_x", host="api.acme.test", auth_variable="ACME_TOKEN", auth_prefix="")},
        ):
            with self.subTest(secrets=secrets), self.assertRaisesRegex(
                drukbox_sdk.SandboxConflictError, "^no secrets proxy is configured for provider 'local'$"
            ):
                await client.create_host(secrets=secrets)
        for secrets, message in (
            ({"acme": secret("x")}, "unknown secret service 'acme'"),
            ({"acme": secret("x", host="api.acme.test")}, "a custom service needs host and auth_variable"),
            ({"openai": secret("")}, "at least 1 character"),
            ({"openai": issuer("ftp://mint.example", headers=headers, refresh="1h")}, "URL scheme should be"),
            ({"openai": issuer(url, headers={}, refresh="1h")}, "at least 1 item"),
            ({"openai": issuer(url, headers={"A": None}, refresh="1h")}, "valid string"),
            ({"openai": issuer(url, headers=headers, refresh="hourly")}, "String should match pattern"),
        ):
            with self.subTest(message=message), self.assertRaisesRegex(ValidationError, message):
                await client.create_host(secrets=secrets)
        self.assertEqual(await client.list_hosts(), [])

    @unittest.skipUnless(takes("disk_gb"), "this version asks for no size")
    async def test_a_size_that_the_provider_does_not_take(self):
        with self.assertRaisesRegex(ResponseError, "^provider 'local' does not support a per-request disk_gb$"):
            await self.client("LOCAL").create_host(disk_gb=5)

    async def test_a_failed_provision(self):
        client = self.client("REFUSING")
        with self.assertRaisesRegex(drukbox_sdk.SandboxProvisioningError, "^ProviderError: .* refuses"):
            await client.create_host()

    async def test_a_failed_teardown(self):
        client = self.client("KEEPING")
        host = await self.host(client)
        with self.assertRaisesRegex(UnavailableError, "^host teardown could not be completed$"):
            await client.delete_host(host.id)

    async def test_a_host_that_is_still_provisioning(self):
        client = self.client("SLOW")
        image = f"image-{uuid.uuid4()}"
        create = asyncio.create_task(client.create_host(image=image))
        mine = []
        while not mine:
            mine = [host for host in await client.list_hosts() if host.image == image]
            await asyncio.sleep(0.01)
        with self.assertRaisesRegex(drukbox_sdk.SandboxConflictError, "^host is still provisioning$"):
            await client.delete_host(mine[0].id)
        await self.forget(client, (await create).id)

    @unittest.skipUnless(has("renew_host"), "this version does not renew")
    async def test_a_host_of_the_pool(self):
        client = self.client("POOLED")
        members = []
        while not members:
            members = [host for host in await client.list_hosts() if host.status == "active"]
            await asyncio.sleep(0.01)
        if hasattr(members[0], "service_account"):
            self.assertIsNone(members[0].service_account)
        with self.assertRaisesRegex(drukbox_sdk.SandboxConflictError, "^unclaimed pool host is managed by pool maint"):
            await client.renew_host(members[0].id)

    async def test_no_service(self):
        with self.assertRaises(UnavailableError):
            await self.client("NOWHERE").list_hosts()

    @unittest.skipUnless(has("create_http_proxy"), "this version has no proxies")
    async def test_proxies(self):
        client = self.client()
        name = f"p-{uuid.uuid4()}"
        host = await self.host(client)
        with self.assertRaisesRegex(drukbox_sdk.SandboxNotFoundError, "^http proxy not found$"):
            await client.delete_http_proxy(name)
        for call in (client.attach_http_proxy, client.detach_http_proxy):
            with self.assertRaisesRegex(drukbox_sdk.SandboxNotFoundError, "^host not found$"):
                await call(name, UNKNOWN)
            with self.assertRaisesRegex(drukbox_sdk.SandboxNotFoundError, "^http proxy not found$"):
                await call(name, host.id)
        for target, message in [
            ("https://u:p@example.com", "target URL must not contain credentials"),
            ("https://example.com/path", "target URL must not contain a path"),
            ("https://example.com/?q", "target URL must not contain a query string"),
            ("https://example.com/#f", "target URL must not contain a fragment"),
        ]:
            with self.assertRaisesRegex(ValidationError, message):
                await client.create_http_proxy(name=name, target=target, headers={"A": "b"})
        with self.assertRaisesRegex(ValidationError, "at least 1 item"):
            await client.create_http_proxy(name=name, target="https://example.com", headers={})
        await client.create_http_proxy(name=name, target="https://example.com", headers={"A": "b"})
        with self.assertRaisesRegex(drukbox_sdk.SandboxConflictError, "^http proxy already exists$"):
            await client.create_http_proxy(name=name, target="https://example.com", headers={"A": "b"})
        await client.delete_http_proxy(name)

    @unittest.skipUnless(has("create_http_proxy"), "this version has no proxies")
    async def test_a_provider_without_proxies(self):
        client = self.client("LOCAL")
        with self.assertRaisesRegex(ResponseError, "does not support HttpProxyCapability"):
            await client.create_http_proxy(name="p", target="https://example.com", headers={"A": "b"})
        with self.assertRaisesRegex(ResponseError, "does not support HttpProxyCapability"):
            await client.delete_http_proxy("p")

    async def test_a_host_without_a_machine(self):
        client = self.client("REFUSING")
        with self.assertRaises(drukbox_sdk.SandboxProvisioningError):
            await client.create_host()
        failed = [host for host in await client.list_hosts() if host.status == "error"]
        for host in failed[:1]:
            self.assertTrue(host.last_error)
            if has("renew_host"):
                with self.assertRaisesRegex(drukbox_sdk.SandboxConflictError, "cannot renew a host in status error"):
                    await client.renew_host(host.id)
            if has("attach_http_proxy"):
                with self.assertRaisesRegex(drukbox_sdk.SandboxConflictError, "does not have a backing VM"):
                    await client.attach_http_proxy("p", host.id)


class BeyondTheContract(ClientTest):
    """Operations of later versions that the host API does not have: answered 404, and named in the report."""

    async def test_what_the_client_raises(self):
        client = self.client()
        calls = {
            "refresh_secret": (UNKNOWN, "service"),
            "create_template": dict(setup_script="true"),
            "get_template": (UNKNOWN,),
            "list_templates": (),
            "delete_template": (UNKNOWN,),
            "create_service_account": ("name",),
            "remove_service_account": ("name",),
        }
        for operation, arguments in calls.items():
            if not has(operation):
                continue
            positional, named = ((), arguments) if isinstance(arguments, dict) else (arguments, {})
            with self.subTest(operation=operation), self.assertRaises(drukbox_sdk.SandboxNotFoundError) as raised:
                await getattr(client, operation)(*positional, **named)
            with open(BEYOND, "a", encoding="utf-8") as report:
                print(f"{operation}: {type(raised.exception).__name__}: {raised.exception}", file=report)


if __name__ == "__main__":
    unittest.main()
