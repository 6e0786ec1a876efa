"""The published Python client of Hetzner Cloud as the judge: it must read every answer of the fake, and for the same
operation it must send what the service sends."""

import json
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE), str(HERE.parent), str(HERE.parent.parent / "e2e")]

import hcloud
from fake_hetzner import TOKEN, FakeHetzner
from hcloud.images import Image
from hcloud.locations import Location
from hcloud.server_types import ServerType
from hcloud.servers import ServerCreatePublicNetwork
from support import TestCase, main


def shape(request):
    """What a request is apart from names and ids that differ from call to call."""
    parts = ["{id}" if part.isdigit() else part for part in request["path"].split("/")]
    body = json.loads(request["body"]) if request["body"] else None
    return request["method"], "/".join(parts), sorted(request["query"]), kinds(body)


def kinds(value):
    if isinstance(value, dict):
        return {name: kinds(one) for name, one in value.items()}
    return [kinds(one) for one in value] if isinstance(value, list) else type(value).__name__


class HetznerClient(TestCase):
    def cloud(self):
        cloud = FakeHetzner()
        self.addCleanup(cloud.stop)
        cloud.controls["boot"] = 1
        cloud.client = hcloud.Client(token=TOKEN, api_endpoint=cloud.url + "/v1", poll_interval=0.01)
        return cloud

    def create_by_client(self, cloud, user_data):
        labels = {"managed-by": "drukbox", "drukbox-host-name": "sb-0123456789ab", "drukbox-installation": "0123456789abcdef"}
        key = cloud.client.ssh_keys.create("drukbox-sb-0123456789ab", "ssh-ed25519 AAAA", labels)
        created = cloud.client.servers.create(
            name="sb-0123456789ab",
            server_type=ServerType(name="cx23"),
            image=Image(name="ubuntu-24.04"),
            location=Location(name="fsn1"),
            ssh_keys=[key],
            labels=labels,
            user_data=user_data,
            start_after_create=True,
            public_net=ServerCreatePublicNetwork(enable_ipv4=True, enable_ipv6=False),
        )
        return key, created

    def test_the_client_reads_every_answer_of_the_fake(self):
        cloud = self.cloud()
        cloud.controls.update(boot=3, silent=True)
        key, created = self.create_by_client(cloud, "#cloud-config\n{}")
        self.assertEqual(created.server.status, "initializing")
        self.assertIsNone(created.server.public_net.ipv4)
        self.assertEqual(created.action.command, "create_server")
        self.assertIsNone(created.root_password)
        self.assertEqual(cloud.client.servers.get_by_id(created.server.id).status, "starting")
        server = cloud.client.servers.get_by_name("sb-0123456789ab")
        self.assertEqual((server.status, server.public_net.ipv4.ip), ("running", "192.0.2.1"))
        self.assertEqual(server.labels["drukbox-host-name"], "sb-0123456789ab")
        page = cloud.client.servers.get_list(label_selector="managed-by==drukbox", per_page=1)
        self.assertEqual((len(page.servers), page.meta.pagination.total_entries), (1, 1))
        self.assertEqual(cloud.client.servers.get_list(label_selector="managed-by==other").servers, [])
        self.assertEqual(cloud.client.ssh_keys.get_by_name(key.name).id, key.id)
        self.assertTrue(cloud.client.ssh_keys.delete(key))
        self.assertEqual(cloud.client.servers.delete(server).command, "delete_server")
        with self.assertRaises(hcloud.APIException) as gone:
            cloud.client.ssh_keys.get_by_id(key.id)
        self.assertEqual(gone.exception.code, "not_found")
        with self.assertRaises(hcloud.APIException) as refused:
            hcloud.Client(token="x", api_endpoint=cloud.url + "/v1").servers.get_by_id(1)
        self.assertEqual(refused.exception.code, "unauthorized")

    def test_the_service_sends_what_the_client_sends(self):
        ours = self.cloud()
        self.service(
            DEFAULT_HOST_PROVIDER="hetzner",
            RECONCILE_INTERVAL_SECONDS="3600",
            **ours.settings(),
        )
        host = self.drukbox("create", "--json").json
        self.drukbox("doctor")
        self.drukbox("rm", host["name"])

        theirs = self.cloud()
        key, created = self.create_by_client(theirs, "#cloud-config\n{}")
        theirs.client.servers.get_by_id(created.server.id)
        theirs.client.servers.get_list(name=created.server.name)
        theirs.client.servers.get_list(label_selector="managed-by==drukbox", page=1, per_page=50)
        theirs.client.servers.get_list(per_page=1)
        theirs.client.ssh_keys.get_list(name=key.name)
        theirs.client.ssh_keys.delete(key)
        theirs.client.servers.delete(created.server)

        def known(cloud):
            return {json.dumps(shape(request), sort_keys=True) for request in cloud.requests}

        self.assertLessEqual(known(ours), known(theirs))
        made = [request for request in ours.requests if request["method"] == "POST"]
        self.assertEqual([request["path"] for request in made], ["/v1/ssh_keys", "/v1/servers"])
        for request in made:
            self.assertEqual(request["type"], "application/json")
        body = json.loads(made[1]["body"])
        self.assertRegex(body["labels"].pop("drukbox-installation"), "^[0-9a-f]{16}$")
        self.assertEqual(body["labels"], {"managed-by": "drukbox", "drukbox-host-name": host["name"]})
        self.assertEqual(json.loads(made[0]["body"])["name"], "drukbox-" + host["name"])
        self.assertEqual((body["image"], body["server_type"], body["location"]), ("ubuntu-24.04", "cx23", "fsn1"))
        deleted = [request["path"].split("/")[2] for request in ours.requests if request["method"] == "DELETE"]
        self.assertEqual(deleted, ["ssh_keys", "servers"])
        self.assertEqual((ours.keys, theirs.keys), ({}, {}))


if __name__ == "__main__":
    main(machines=True)
