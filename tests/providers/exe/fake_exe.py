"""A fake of exe.dev's API, with real sshd's as its VMs. SSH ends at exe.dev's edge, which lets in the account's own key
and has host keys of its own: here each VM has them."""

import base64
import json
import pathlib
import re
import shlex
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from fake_cloud import Answer, FakeCloud, main
from vm import Vm

TOKEN = "exe-token-of-the-test"


class Refused(Exception):
    """A command's own failure, in words."""


def split(line):
    """The words of a command line; the setup script comes in double quotes with escapes of its own."""
    script = None
    found = re.search(r' --setup-script="((?:[^"\\]|\\.)*)"', line)
    if found:
        script = re.sub(r"\\(.)", lambda escape: {"n": "\n"}.get(escape[1], escape[1]), found[1], flags=re.DOTALL)
        line = line[: found.start()] + line[found.end() :]
    return shlex.split(line), script


def options(words):
    """name -> values of `--name=value`, `--name value` for env, and the words that are no options."""
    found, rest, words = {}, [], list(words)
    while words:
        word = words.pop(0)
        name, equals, value = word.partition("=")
        if word == "--env":
            found.setdefault("--env", []).append(words.pop(0))
        elif word.startswith("-"):
            found.setdefault(name, []).append(value if equals else True)
        else:
            rest.append(word)
    return found, rest


def environment_config(env):
    pairs = [pair.partition("=") for pair in env]
    lines = "".join(f"export {name}={shlex.quote(value)}\n" for name, _, value in pairs)
    path = "/etc/profile.d/environment.sh"
    content = base64.b64encode(lines.encode()).decode()
    config = {
        "bootcmd": [f"sed -i '1i . {path}' /etc/bash.bashrc"],
        "write_files": [{"path": path, "permissions": "0644", "encoding": "b64", "content": content}],
    }
    return "#cloud-config\n" + json.dumps(config)


class FakeExe(FakeCloud):
    """Controls: `account_key`, which SSH lets in; `throttle`, so many 429; `broken`, so many answers of `broken_body` and
    `broken_status`; `silent`: VMs start no sshd; `hide_tags`."""

    def __init__(self, port=0):
        self.vms = {}
        self.proxies = {}
        super().__init__(port)

    def close(self):
        for vm in self.vms.values():
            if vm["machine"]:
                vm["machine"].remove()

    def handle(self, request):
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Answer(401, "invalid token\n")
        if (request.method, request.path) != ("POST", "/exec"):
            raise Answer(404, "404 page not found\n")
        if request.headers.get("Content-Type") != "text/plain; charset=utf-8":
            raise Answer(415, "text wanted\n")
        if self.take("throttle"):
            raise Answer(429, "slow down\n", {"Retry-After": "0"})
        if self.take("broken"):
            raise Answer(self.controls["broken_status"], self.controls["broken_body"])
        if "\n" in request.body or "\0" in request.body:
            raise Answer(400, "one command line at a time\n")
        with self.lock:
            try:
                return Answer(200, self.run(request.body))
            except Refused as refused:
                raise Answer(422, f"{refused}\n") from None

    def run(self, line):
        words, script = split(line)
        if words[:3] == ["integrations", "add", "http-proxy"]:
            return self.add_proxy(*options(words[3:]))
        if words[0] == "integrations":
            return getattr(self, words[1])(*words[2:])
        found, rest = options(words[1:])
        if "--json" not in found:
            raise Refused("only --json here")
        if words[0] == "new":
            return self.new(found, script)
        return {"rm": self.rm, "ls": self.ls, "whoami": self.whoami}[words[0]](found, rest)

    def new(self, found, script):
        name = found["--name"][0]
        if name in self.vms:
            raise Refused(f"VM {name} already exists")
        for needed in ("--image", "--tag", "--no-email"):
            if needed not in found:
                raise Refused(f"{needed} missing")
        machine = None
        if not self.controls.get("silent"):
            keys = [self.controls["account_key"]] if "account_key" in self.controls else []
            machine = Vm(keys, environment_config(found.get("--env", [])), user="exedev")
        self.vms[name] = {"machine": machine, "tags": found["--tag"], "script": script, "image": found["--image"][0]}
        # Progress and outcome are objects of their own, one a line.
        outcome = {"vm_name": name, "ssh_dest": machine.address if machine else "192.0.2.1", "ssh_port": 22}
        return json.dumps({"vm_name": name, "status": "creating"}) + "\n" + json.dumps(outcome) + "\n"

    def rm(self, _, names):
        for name in names:
            if name not in self.vms:
                raise Refused(f"VM {name} not found")
            machine = self.vms.pop(name)["machine"]
            if machine:
                machine.remove()
            for proxy in self.proxies.values():
                proxy["vms"].discard(name)
        return {"deleted": names}

    def ls(self, found, patterns):
        vms = []
        for name, vm in self.vms.items():
            if patterns and name not in patterns:
                continue
            shown = {"vm_name": name, "ssh_dest": f"{name}.exe.xyz", "status": "running"}
            if "-l" in found and vm["tags"] and not self.controls.get("hide_tags"):
                shown["tags"] = vm["tags"]
            vms.append(shown)
        return {"vms": vms}

    def whoami(self, _found, _rest):
        return {"email": "somebody@example.com"}

    def add_proxy(self, found, _):
        name = found["--name"][0]
        if name in self.proxies:
            raise Refused(f"integration {name} already exists")
        headers = dict(header.split(": ", 1) for header in found["--header"])
        self.proxies[name] = {"target": found["--target"][0], "headers": headers, "vms": set()}
        return ""

    def proxy(self, name):
        if name not in self.proxies:
            raise Refused(f"http-proxy integration {name} not found")
        return self.proxies[name]

    def remove(self, name):
        self.proxy(name)
        del self.proxies[name]
        return ""

    def vm(self, word):
        name = word.removeprefix("vm:")
        if name not in self.vms:
            raise Refused(f"VM {name} not found")
        return name

    def attach(self, name, vm):
        self.proxy(name)["vms"].add(self.vm(vm))
        return ""

    def detach(self, name, vm):
        self.proxy(name)["vms"].discard(self.vm(vm))
        return ""


if __name__ == "__main__":
    main(FakeExe())
