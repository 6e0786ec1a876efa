"""A fake of Exoscale's API, with real sshd's as its instances. It checks every signature; its answers have the shapes of
the published client's API description."""

import base64
import hashlib
import hmac
import pathlib
import re
import sys
import time
import urllib.parse
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from fake_cloud import Answer, FakeCloud, main
from vm import Vm

KEY, SECRET = "EXO-key-of-the-test", "exoscale-secret-of-the-test"
TEMPLATES = [
    ("11111111-0000-4000-8000-000000000001", "Linux Ubuntu 24.04 LTS 64-bit", "2024-05-01T00:00:00Z"),
    ("11111111-0000-4000-8000-000000000002", "Linux Ubuntu 24.04 LTS 64-bit", "2026-02-01T00:00:00Z"),
    ("11111111-0000-4000-8000-000000000003", "Linux Debian 12 (Bookworm) 64-bit", "2026-03-01T00:00:00Z"),
]
TYPES = [
    ("22222222-0000-4000-8000-000000000001", "standard", "medium"),
    ("22222222-0000-4000-8000-000000000002", "memory", "large"),
]


def failure(status, message):
    return Answer(status, {"message": message})


def check_signature(request):
    found = re.fullmatch(
        r"EXO2-HMAC-SHA256 credential=([^,]+)(?:,signed-query-args=([^,]+))?,expires=(\d+),signature=(\S+)",
        request.headers.get("Authorization", ""),
    )
    if not found or found[1] != KEY:
        raise failure(403, "Invalid credentials")
    if not time.time() < int(found[3]) <= time.time() + 660:
        raise failure(403, "Signature expired")
    if sorted(request.query) != (found[2].split(";") if found[2] else []):
        raise failure(403, "Unsigned arguments")
    values = "".join(request.query[name] for name in sorted(request.query))
    text = "\n".join((f"{request.method} {request.path}", request.body, values, "", found[3]))
    mac = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(base64.b64encode(mac).decode(), found[4]):
        raise failure(403, "Invalid signature")


class FakeExoscale(FakeCloud):
    """Controls: `throttle`, so many 429; `boot`, how many looks an instance takes to run (3); `silent`: instances start
    no sshd; `broken`, so many answers of `broken_body` and `broken_status`, to requests whose path begins with
    `broken_path`."""

    def __init__(self, port=0):
        self.keys = {}
        self.instances = {}
        self.machines = {}
        super().__init__(port)

    def close(self):
        for machine in self.machines.values():
            machine.remove()

    def handle(self, request):
        check_signature(request)
        if self.take("throttle"):
            raise Answer(429, {"message": "Too many requests"}, {"Retry-After": "0"})
        if request.path.startswith(self.controls.get("broken_path", "/")) and self.take("broken"):
            raise Answer(self.controls["broken_status"], self.controls["broken_body"])
        parts = request.path.strip("/").split("/")
        if parts[0] != "v2" or len(parts) not in (2, 3):
            raise failure(404, "Not Found")
        name = "_".join([request.method.lower(), parts[1].replace("-", "_"), *(["one"] if len(parts) == 3 else [])])
        work = getattr(self, name, None)
        if work is None:
            raise failure(404, "Not Found")
        with self.lock:
            return Answer(200, work(*([urllib.parse.unquote(parts[2])] if len(parts) == 3 else [request])))

    def operation(self, kind, one):
        return {
            "id": str(uuid.uuid4()),
            "state": "pending",
            "reference": {"id": one, "link": f"/v2/{kind}/{one}", "command": f"get-{kind}"},
        }

    def get_template(self, _):
        return {
            "templates": [
                {"id": one, "name": name, "created-at": created, "default-user": "ubuntu", "ssh-key-enabled": True}
                for one, name, created in TEMPLATES
            ]
        }

    def get_instance_type(self, _):
        return {
            "instance-types": [
                {"id": one, "family": family, "size": size, "cpus": 2, "memory": 4294967296, "authorized": True}
                for one, family, size in TYPES
            ]
        }

    def post_ssh_key(self, request):
        body = request.json()
        if body["name"] in self.keys:
            raise failure(409, "SSH key already exists")
        self.keys[body["name"]] = body["public-key"]
        return self.operation("ssh-key", body["name"].replace("_", "-"))

    def get_ssh_key(self, _):
        return {"ssh-keys": [{"name": name, "fingerprint": "aa:bb"} for name in self.keys]}

    def delete_ssh_key_one(self, name):
        if self.keys.pop(name, None) is None:
            raise failure(404, "SSH key not found")
        return self.operation("ssh-key", name)

    def post_instance(self, request):
        body = request.json()
        if body["ssh-key"]["name"] not in self.keys:
            raise failure(400, "SSH key not found")
        if body["template"]["id"] not in {one[0] for one in TEMPLATES}:
            raise failure(400, "Template not found")
        if body["instance-type"]["id"] not in {one[0] for one in TYPES}:
            raise failure(400, "Instance type not found")
        if len(body.get("user-data", "")) > 32768:
            raise failure(400, "user-data too long")
        one = str(uuid.uuid4())
        address = "192.0.2.1"
        if not self.controls.get("silent"):
            user_data = base64.b64decode(body.get("user-data", ""), validate=True).decode()
            self.machines[one] = Vm([self.keys[body["ssh-key"]["name"]]], user_data, user="ubuntu")
            address = self.machines[one].address
        self.instances[one] = {
            "id": one,
            "name": body["name"],
            "state": "starting",
            "created-at": "2026-02-01T00:00:00Z",
            "labels": body.get("labels", {}),
            "template": body["template"],
            "instance-type": body["instance-type"],
            "disk-size": body["disk-size"],
            "ssh-key": body["ssh-key"],
            "public-ip": address,
            "public-ip-assignment": "inet4",
            "looks": 0,
        }
        return self.operation("instance", one)

    def get_instance(self, _):
        return {"instances": [self.seen(one) for one in list(self.instances)]}

    def get_instance_one(self, one):
        if one not in self.instances:
            raise failure(404, "Instance not found")
        return self.seen(one)

    def delete_instance_one(self, one):
        if one not in self.instances:
            raise failure(404, "Instance not found")
        self.instances[one].update(state="destroying", looks=0)
        if machine := self.machines.pop(one, None):
            machine.remove()
        return self.operation("instance", one)

    def seen(self, one):
        """What a look at it shows: it boots from look to look, and is gone some looks after its deletion."""
        item = self.instances[one]
        item["looks"] += 1
        shown = {name: value for name, value in item.items() if name != "looks"}
        if item["state"] == "destroying":
            if item["looks"] > 1:
                self.instances.pop(one)
            return shown
        left = self.controls.get("boot", 3) - item["looks"]
        if left > 1:
            shown["public-ip"] = None
        elif left > 0:
            del shown["public-ip"]
            shown["state"] = "running"
        else:
            item["state"] = shown["state"] = "running"
        return shown


if __name__ == "__main__":
    main(FakeExoscale())
