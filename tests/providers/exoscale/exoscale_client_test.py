"""The published Python client of Exoscale as the judge: it must read every answer of the fake, its signatures must be
ours, and for the same operation it must send what the service sends."""

import base64
import json
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE), str(HERE.parent), str(HERE.parent.parent / "e2e")]

import requests
from exoscale.api.v2 import Client
from exoscale_auth import ExoscaleV2Auth
from fake_exoscale import KEY, SECRET, FakeExoscale
from support import TestCase, main


def shape(request):
    known = {"template", "ssh-key", "instance-type", "instance", "v2", ""}
    parts = [part if part in known else "{one}" for part in request["path"].split("/")]
    body = json.loads(request["body"]) if request["body"] else None
    return json.dumps([request["method"], "/".join(parts), sorted(request["query"]), kinds(body)], sort_keys=True)


def kinds(value):
    if isinstance(value, dict):
        return {name: kinds(one) for name, one in value.items()}
    return [kinds(one) for one in value] if isinstance(value, list) else type(value).__name__


class Recording(FakeExoscale):
    """Keeps the Authorization fields too."""

    def handle(self, request):
        self.signed = getattr(self, "signed", [])
        self.signed.append((request.method, request.target, request.body, request.headers["Authorization"]))
        return super().handle(request)


class ExoscaleClient(TestCase):
    def cloud(self):
        cloud = Recording()
        self.addCleanup(cloud.stop)
        cloud.controls["boot"] = 1
        cloud.client = Client(KEY, SECRET, url=cloud.url + "/v2")
        return cloud

    def create_by_client(self, cloud):
        template = max(cloud.client.list_templates()["templates"], key=lambda one: one["created-at"])
        kind = cloud.client.list_instance_types()["instance-types"][0]
        cloud.client.register_ssh_key(name="drukbox-sb-0123456789ab", public_key="ssh-ed25519 AAAA")
        made = cloud.client.create_instance(
            name="sb-0123456789ab",
            template={"id": template["id"]},
            instance_type={"id": kind["id"]},
            disk_size=50,
            ssh_key={"name": "drukbox-sb-0123456789ab"},
            labels={
                "managed-by": "drukbox",
                "drukbox-host-name": "sb-0123456789ab",
                "drukbox-installation": "0123456789abcdef",
            },
            user_data=base64.b64encode(b"#cloud-config\n{}").decode(),
        )
        return made["reference"]["id"]

    def test_the_client_reads_every_answer_of_the_fake(self):
        cloud = self.cloud()
        cloud.controls.update(boot=3, silent=True)
        one = self.create_by_client(cloud)
        self.assertEqual(cloud.client.get_instance(id=one)["state"], "starting")
        self.assertEqual(cloud.client.list_instances()["instances"][0]["state"], "running")
        self.assertEqual(cloud.client.get_instance(id=one)["public-ip"], "192.0.2.1")
        self.assertEqual(cloud.client.list_ssh_keys()["ssh-keys"][0]["name"], "drukbox-sb-0123456789ab")
        cloud.client.delete_ssh_key(name="drukbox-sb-0123456789ab")
        cloud.client.delete_instance(id=one)

    def test_the_service_sends_and_signs_what_the_client_does(self):
        ours = self.cloud()
        self.service(
            DEFAULT_HOST_PROVIDER="exoscale",
            EXOSCALE_API_URL=ours.url + "/v2",
            EXOSCALE_API_KEY=KEY,
            EXOSCALE_API_SECRET=SECRET,
            EXOSCALE_ZONE="ch-gva-2",
            RECONCILE_INTERVAL_SECONDS="3600",
        )
        host = self.drukbox("create", "--json", "--disk-gb", "20").json
        self.drukbox("doctor")
        self.drukbox("rm", host["name"])

        theirs = self.cloud()
        one = self.create_by_client(theirs)
        theirs.client.get_instance(id=one)
        theirs.client.list_instances()
        theirs.client.delete_ssh_key(name="drukbox-sb-0123456789ab")
        theirs.client.delete_instance(id=one)
        self.assertLessEqual({shape(one) for one in ours.requests}, {shape(one) for one in theirs.requests})

        for method, target, body, field in ours.signed:
            again = requests.Request(method, ours.url + target, data=body.encode() or None).prepare()
            expires = int(field.partition("expires=")[2].partition(",")[0])
            ExoscaleV2Auth(KEY, SECRET)._sign_request(again, expires)
            self.assertEqual(field, again.headers["Authorization"])

        body = next(json.loads(one["body"]) for one in ours.requests if one["path"] == "/v2/instance" and one["body"])
        self.assertEqual(body["disk-size"], 20)
        self.assertEqual(body["template"]["id"], "11111111-0000-4000-8000-000000000002")
        self.assertRegex(body["labels"].pop("drukbox-installation"), "^[0-9a-f]{16}$")
        self.assertEqual(body["labels"], {"managed-by": "drukbox", "drukbox-host-name": host["name"]})
        deleted = [one["path"].split("/")[2] for one in ours.requests if one["method"] == "DELETE"]
        self.assertEqual(deleted, ["ssh-key", "instance"])
        self.assertEqual(ours.keys, {})


if __name__ == "__main__":
    main(machines=True)
