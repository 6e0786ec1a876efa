"""A fake of Hetzner Cloud's API, with real sshd's as its servers. Its answers have the shapes that the published client
`hcloud` reads; hetzner_client_test.py holds it to that."""

import datetime
import itertools
import math
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from fake_cloud import Answer, FakeCloud, Lost, main
from vm import Vm

TOKEN = "hetzner-token-of-the-test"


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def failure(status, code, message, headers=None):
    return Answer(status, {"error": {"code": code, "message": message, "details": None}}, headers)


class FakeHetzner(FakeCloud):
    """Controls: `throttle`, so many 429; `boot`, how many looks a server takes to run (3); `silent`: servers start no
    sshd; `programs`, of their image, see Vm; `broken`, so many answers of `broken_body` and `broken_status`, to requests
    whose path begins with `broken_path`; `lose`, so many answers about a server that was made; `late`: what is made
    is shown by no list from then on, until it is false."""

    def __init__(self, port=0):
        self.ids = itertools.count(4711)
        self.keys = {}
        self.servers = {}
        self.machines = {}
        self.hidden = set()
        super().__init__(port)

    def settings(self):
        """Of a service whose machines are made here."""
        return {
            "HETZNER_API_URL": self.url + "/v1",
            "HETZNER_API_TOKEN": TOKEN,
            "HETZNER_LOCATION": "fsn1",
        }

    def close(self):
        for machine in self.machines.values():
            machine.remove()

    def handle(self, request):
        limits = {"RateLimit-Limit": 3600, "RateLimit-Remaining": 3599, "RateLimit-Reset": int(time.time()) + 1}
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise failure(401, "unauthorized", "unable to authenticate")
        if self.take("throttle"):
            raise failure(429, "rate_limit_exceeded", "limit of 3600 requests per hour reached", limits)
        if request.path.startswith(self.controls.get("broken_path", "/")) and self.take("broken"):
            raise Answer(self.controls["broken_status"], self.controls["broken_body"])
        with self.lock:
            answer = self.route(request)
        answer.headers.update(limits)
        return answer

    def route(self, request):
        parts = request.path.strip("/").split("/")
        if parts[0] != "v1" or len(parts) not in (2, 3) or parts[1] not in ("ssh_keys", "servers"):
            raise failure(404, "not_found", "not found")
        one = parts[2] if len(parts) == 3 else None
        if one is not None and not one.isdigit():
            raise failure(400, "invalid_input", "invalid input in field 'id'")
        kind = "keys" if parts[1] == "ssh_keys" else "servers"
        if request.method == "POST" and one is None:
            return getattr(self, f"create_{kind}")(request.json())
        items = getattr(self, kind)
        if request.method == "GET" and one is None:
            return self.page(parts[1], list(items.values()), request.query)
        if int(one or 0) not in items:
            raise failure(404, "not_found", f"{parts[1]} with ID '{one}' not found")
        if request.method == "GET":
            return Answer(200, {parts[1][:-1]: self.seen(items[int(one)])})
        if request.method == "DELETE":
            return getattr(self, f"delete_{kind}")(int(one))
        raise failure(405, "method_not_allowed", "method not allowed")

    def page(self, name, items, query):
        if "name" in query:
            items = [item for item in items if item["name"] == query["name"]]
        if "label_selector" in query:
            label, _, value = query["label_selector"].replace("==", "=").partition("=")
            items = [item for item in items if item["labels"].get(label) == value]
        if self.controls.get("late"):
            items = [item for item in items if item["id"] not in self.hidden]
        number, size = int(query.get("page", 1)), min(50, int(query.get("per_page", 25)))
        last = max(1, math.ceil(len(items) / size))
        pagination = {
            "page": number,
            "per_page": size,
            "previous_page": number - 1 if number > 1 else None,
            "next_page": number + 1 if number < last else None,
            "last_page": last,
            "total_entries": len(items),
        }
        shown = [self.seen(item) for item in items[(number - 1) * size : number * size]]
        return Answer(200, {name: shown, "meta": {"pagination": pagination}})

    def create_keys(self, body):
        for field in ("name", "public_key"):
            if not body.get(field):
                raise failure(422, "invalid_input", f"invalid input in field '{field}'")
        if any(key["name"] == body["name"] or key["public_key"] == body["public_key"] for key in self.keys.values()):
            raise failure(409, "uniqueness_error", "SSH key with the same fingerprint already exists")
        key = {
            "id": next(self.ids),
            "name": body["name"],
            "fingerprint": "b7:2f:30:a0:2f:6c:58:6c:21:04:58:61:ba:06:3b:2f",
            "public_key": body["public_key"],
            "labels": body.get("labels", {}),
            "created": now(),
        }
        self.keep(self.keys, key)
        return Answer(201, {"ssh_key": key})

    def keep(self, items, item):
        items[item["id"]] = item
        if self.controls.get("late"):
            self.hidden.add(item["id"])

    def delete_keys(self, one):
        del self.keys[one]
        return Answer(204)

    def create_servers(self, body):
        for field in ("name", "server_type", "image"):
            if not isinstance(body.get(field), str):
                raise failure(422, "invalid_input", f"invalid input in field '{field}'")
        if any(server["name"] == body["name"] for server in self.servers.values()):
            raise failure(409, "uniqueness_error", "server name is already used")
        if len(body.get("user_data", "")) > 32768:
            raise failure(422, "invalid_input", "invalid input in field 'user_data'")
        if body["server_type"] == "sold-out":
            raise failure(412, "resource_unavailable", "error during placement")
        keys = [key for key in self.keys.values() if {key["id"], key["name"]} & set(body.get("ssh_keys", []))]
        if len(keys) != len(body.get("ssh_keys", [])):
            raise failure(404, "not_found", "SSH key not found")
        one = next(self.ids)
        address = "192.0.2.1"
        if not self.controls.get("silent"):
            public_keys = [key["public_key"] for key in keys]
            self.machines[one] = Vm(public_keys, body.get("user_data"), programs=self.controls.get("programs"))
            address = self.machines[one].address
        server = {
            "id": one,
            "name": body["name"],
            "status": "initializing",
            "created": now(),
            "labels": body.get("labels", {}),
            "public_net": {
                "ipv4": {"id": next(self.ids), "ip": address, "blocked": False, "dns_ptr": "static.example.com"},
                "ipv6": None,
                "floating_ips": [],
                "firewalls": [],
            },
            "private_net": [],
            "server_type": {"id": 1, "name": body["server_type"], "cores": 2, "memory": 4.0, "disk": 40},
            "image": {"id": 161547269, "name": body["image"], "type": "system", "status": "available"},
            "location": {"id": 1, "name": body.get("location", "fsn1"), "city": "Falkenstein", "country": "DE"},
            "iso": None,
            "rescue_enabled": False,
            "locked": False,
            "backup_window": None,
            "outgoing_traffic": None,
            "ingoing_traffic": None,
            "included_traffic": 654321,
            "primary_disk_size": 40,
            "protection": {"delete": False, "rebuild": False},
            "volumes": [],
            "load_balancers": [],
            "looks": 0,
        }
        self.keep(self.servers, server)
        if self.take("lose"):
            raise Lost
        answer = {
            "server": self.seen(server),
            "action": self.action("create_server", one),
            "next_actions": [self.action("start_server", one)],
            "root_password": None if keys else "YItygq1v3GYjjMomLaKc",
        }
        return Answer(201, answer)

    def delete_servers(self, one):
        self.servers[one].update(status="deleting", looks=0)
        if machine := self.machines.pop(one, None):
            machine.remove()
        return Answer(200, {"action": self.action("delete_server", one)})

    def action(self, command, one):
        return {
            "id": next(self.ids),
            "command": command,
            "status": "running",
            "progress": 0,
            "started": now(),
            "finished": None,
            "resources": [{"id": one, "type": "server"}],
            "error": None,
        }

    def seen(self, item):
        """What a look at it shows: a server boots from look to look, and is gone some looks after its deletion."""
        if "looks" not in item:
            return item
        item["looks"] += 1
        shown = {name: value for name, value in item.items() if name != "looks"}
        if item["status"] == "deleting":
            if item["looks"] > 1:
                self.servers.pop(item["id"], None)
            return shown
        left = self.controls.get("boot", 3) - item["looks"]
        if left > 1:
            shown["public_net"] = dict(item["public_net"], ipv4=None)
        elif left > 0:
            shown["status"] = "starting"
        else:
            item["status"] = shown["status"] = "running"
        return shown


if __name__ == "__main__":
    main(FakeHetzner())
