"""The command against a service that is hostile, or that is not there any more."""

import http.client
import json
import os
import pathlib
import select
import signal
import socket
import subprocess
import sys
import termios
import time
import unicodedata
import urllib.parse

from support import DRUKBOX, PATIENCE, ScriptedService, TestCase, main, record, wait_until

# Another program may take a port that a service has just let go of: then a test begins anew.
ATTEMPTS = 20


def port_of(url):
    return urllib.parse.urlsplit(url).port


def trap_at(port):
    """Listens where a service was and notes whatever it is told. Nothing when somebody else is there already."""
    try:
        trap = ScriptedService(port)
    except OSError:
        return None
    trap.answer("GET", "/hosts", 200, [])
    return trap


def probe(trap):
    """Asks the trap something; then it is known to note what it is asked."""
    connection = http.client.HTTPConnection("127.0.0.1", trap.server.server_port, timeout=PATIENCE)
    connection.request("GET", "/probe")
    connection.getresponse().read()
    connection.close()
    return [path for _, path, _, _ in trap.requests]


class AbsentService(TestCase):
    """A token goes to nobody when its service has ended."""

    def ask_the_trap(self, trap):
        """`drukbox ls` while the trap listens; true for an attack that ran and got nothing."""
        try:
            asked = self.drukbox("ls", expect=None)
            self.assertEqual(probe(trap), ["/probe"])
            self.assertEqual(asked.returncode, 6, asked.stderr)
            self.assertIn("drukbox serve --dev", asked.stderr)
        finally:
            trap.close()

    def spring(self, end):
        for _ in range(ATTEMPTS):
            service = self.service()
            self.drukbox("ls")
            port = port_of(service.url)
            end(service)
            trap = trap_at(port)
            if trap is not None:
                self.ask_the_trap(trap)
                return
        self.fail("the port of a service that has ended was always taken")

    def test_that_was_stopped(self):
        self.spring(lambda service: service.stop())

    def test_that_was_killed(self):
        self.spring(lambda service: service.kill())
        self.assertTrue((self.home.state / "address").exists())

    def test_that_is_about_to_end(self):
        """While requests are served to their end the port is free already."""
        for _ in range(ATTEMPTS):
            service = self.service()
            idle = self.in_flight(service)
            with socket.create_connection(("127.0.0.1", port_of(service.url))) as slow:
                slow.sendall(b"POST /hosts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                             b"Authorization: Bearer " + service.token.encode() + b"\r\nContent-Length: 2\r\n\r\n{")
                wait_until(lambda: self.in_flight(service) > idle, "the slow request is being served")
                service.process.send_signal(signal.SIGTERM)
                trap = wait_until(lambda: trap_at(port_of(service.url)) or service.process.poll() is not None,
                                  "the port is free")
                if trap is not True:
                    self.ask_the_trap(trap)
                    ran = service.process.poll() is None
                    slow.close()
                    service.process.wait(PATIENCE)
                    if ran:
                        return
            service.stop()
        self.fail("no service was ever about to end")

    def in_flight(self, service):
        connection = http.client.HTTPConnection("127.0.0.1", port_of(service.url), timeout=PATIENCE)
        connection.request("GET", "/metrics", headers={"Authorization": "Bearer " + service.token})
        text = connection.getresponse().read().decode()
        connection.close()
        (line,) = [line for line in text.splitlines() if line.startswith("drukbox_http_requests_in_flight ")]
        return int(line.split()[1])

    def test_whatever_listens_at_the_default_address(self):
        self.service().stop()
        self.assertTrue((self.home.state / "token").exists())
        # In a network of its own, where the default port is free for sure.
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        done = subprocess.run(["unshare", "--net", *as_root, sys.executable, __file__, "in-a-network-of-its-own"],
                              env={**self.home.env, "DRUKBOX": DRUKBOX}, stdout=subprocess.PIPE, timeout=PATIENCE, check=True)
        outcome = json.loads(done.stdout)
        self.assertEqual(outcome["heard"], ["/probe"])
        self.assertEqual(outcome["code"], 6)

    def test_that_is_another_users(self):
        """Nor where somebody else says that it is."""
        service = self.service()
        address = self.home.state / "address"
        address.chmod(0o622)
        self.assertIn(str(address), self.drukbox("ls", expect=1).stderr)
        address.chmod(0o600)
        self.drukbox("ls")
        service.stop()


class HostileService(TestCase):
    """What a service says is shown and used, and does nothing else."""

    def setUp(self):
        super().setUp()
        self.service = ScriptedService()
        self.addCleanup(self.service.close)
        self.home.env.update(SANDBOX_SERVICE_URL=self.service.url, SANDBOX_SERVICE_TOKEN="t")

    def asked(self, method="GET", path="/hosts"):
        return sum((asked[:2] == (method, path)) for asked in self.service.requests)

    def create(self, **changes):
        host = record(private_key="k", **changes)
        self.service.answer("POST", "/hosts", 201, host)
        self.drukbox("create", "-q")
        return {**host, "private_key": None}

    def assert_harmless(self, text):
        active = {char for char in text if char != "\n" and unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp")}
        self.assertEqual(active, set(), repr(text))

    def test_a_name_runs_nothing_at_a_prompt_of_bash(self):
        self.attack_prompt(
            ["bash", "--norc", "--noprofile", "-i"],
            "source <(drukbox completion bash)",
            ["sb-1;touch${IFS}pwned;#", "sb-1$(touch pwned)"],
        )

    def test_a_name_runs_nothing_at_a_prompt_of_zsh(self):
        self.attack_prompt(
            ["zsh", "-f", "-i"],
            "autoload -Uz compinit && compinit -D -u && source <(drukbox completion zsh)",
            ["sb-1;touch${IFS}pwned;#", "sb-1$(touch pwned)", "sb-1*(e:'touch pwned':)"],
        )

    def test_a_name_runs_nothing_at_a_prompt_of_fish(self):
        # Suggestions would show a name before anybody has asked for it.
        self.attack_prompt(
            ["fish", "--no-config", "-i"],
            "set -g fish_autosuggestion_enabled 0; drukbox completion fish | source",
            ["sb-1;touch pwned;#", "sb-1(touch pwned)", "sb-1$(touch pwned)"],
        )

    def attack_prompt(self, command, setup, names):
        """Completes names at a prompt, and executes the line that comes of it: a kind one, hostile ones, which the
        command does not offer, and the same from a command that does."""
        shell = self.shell(command, setup, pathlib.Path(self.home.program).parent)
        self.service.answer("GET", "/hosts", 200, [record(name="sb-kind")])
        shell.type("drukbox get sb-k\t")
        shell.read_until("ind ")
        shell.type("\n")
        shell.read_until("127.0.0.1:2222")
        for name in names:
            self.service.answer("GET", "/hosts", 200, [record(name=name)])
            for command_word in ("get", "rm", "ssh", "cp"):
                before = self.asked()
                shell.type(f"drukbox {command_word} sb-1\t")
                wait_until(lambda asked=before: self.asked() > asked, "the completion asks for names")
                self.enter(shell, f"{command_word} is")

        credulous = self.home.path / "credulous"
        credulous.mkdir()
        offered, given = self.home.path / "offered", self.home.path / "given"
        program = credulous / "drukbox"
        program.write_text(
            f"""#!/bin/sh
case $1 in
completion) exec {self.home.program} "$@" ;;
__complete) cat {offered} ;;
*) printf %s "$2" >{given} ;;
esac
"""
        )
        program.chmod(0o755)
        shell = self.shell(command, setup, credulous)
        for number, name in enumerate(names):
            offered.write_text(name + "\t\n")
            shell.type("drukbox get sb-1\t")
            shell.read_until("pwned")  # so the name stands there
            self.enter(shell, f"number {number} is")
            self.assertEqual(given.read_text(), name)

    def shell(self, command, setup, programs):
        """A shell with completion, which finds `drukbox` in the directory of programs."""
        shell = Terminal(command, {**self.home.env, "PATH": f"{programs}:{self.home.env['PATH']}", "TERM": "dumb",
                                   "PS1": "> "}, self.home.path)
        self.addCleanup(shell.close)
        shell.type(setup + "\n")
        return shell

    def enter(self, shell, word):
        """Executes the line that is there, after which nothing hostile has happened."""
        shell.type(f"\necho {word} do''ne\n")
        shell.read_until(f"{word} done")
        self.assertFalse((self.home.path / "pwned").exists(), word)

    def test_a_name_takes_over_no_alias_of_ssh(self):
        hosts = [self.create(), self.create(name="github.com")]
        self.service.answer("GET", "/hosts", 200, hosts)
        config = self.home.path / "config"
        config.write_text(self.drukbox("ssh-config").stdout)
        self.assertEqual(self.where_ssh_goes(config, "github.com"), "github.com")
        self.assertEqual(self.where_ssh_goes(config, "drukbox-github.com"), "127.0.0.1")
        self.assertEqual(self.where_ssh_goes(config, hosts[0]["name"]), "127.0.0.1")

    def where_ssh_goes(self, config, alias):
        done = subprocess.run(["ssh", "-G", "-F", config, alias], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=PATIENCE, check=True)
        (address,) = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("hostname ")]
        return address

    def test_nothing_that_is_shown_commands_the_terminal(self):
        evil = "\x1b]0;title\x07\x1b[2J\u202etxt\u2066\x9b1m\x7f\r\n\u2028\u200f visible"
        host = self.create(status="error", provider=evil, image=evil, instance_type=evil, last_error=evil)
        report = {"ok": False, "active_provider": evil, "tailscale_enabled": False, "checks": [
            {"name": evil, "status": evil, "detail": evil, "latency_ms": 1, "hint": evil}]}
        self.service.answer("GET", "/hosts", 200, [host])
        self.service.answer("POST", f"/hosts/{host['id']}/renew", 200, host)
        self.service.answer("GET", "/doctor", 200, report)
        for command in (["ls"], ["get", host["name"]], ["ssh", host["name"]], ["create"], ["doctor"]):
            with self.subTest(command):
                shown = self.drukbox(*command, expect=None)
                self.assertIn("visible", shown.stdout + shown.stderr)
                self.assert_harmless(shown.stdout + shown.stderr)
        for command, answer in ((["ls", "--json"], [host]), (["get", "--json", host["name"]], host),
                                (["renew", "--json", host["name"]], host), (["doctor", "--json"], report)):
            with self.subTest(command):
                shown = self.drukbox(*command, expect=None)
                self.assertEqual(shown.json, answer)
                self.assert_harmless(shown.stdout)

        self.service.answer("POST", "/hosts", 409, {"detail": evil})
        self.service.answer("DELETE", "/hosts/" + host["id"], 409, {"detail": evil})
        for command in (["create"], ["rm", host["name"]], ["run", "--", "true"]):
            with self.subTest(command):
                shown = self.drukbox(*command, expect=4)
                self.assertIn("visible", shown.stderr)
                self.assert_harmless(shown.stderr)
        for command in (["create", "-q"], ["create"], ["create", "--json"]):
            with self.subTest(command):
                self.service.answer("POST", "/hosts", 201, record(name="sb-" + evil, private_key="k"))
                self.assert_harmless(self.drukbox(*command, expect=None).stdout)

    def test_one_wrong_answer_costs_no_key(self):
        host = self.create()
        key = self.home.keys / host["id"] / "id_ed25519"
        self.service.answer("GET", "/hosts", 200, [])
        for command in (["ls"], ["get", host["name"]], ["ssh-config"], ["__complete", "ssh", ""]):
            before = self.asked()
            self.drukbox(*command, expect=None)
            self.assertGreater(self.asked(), before)
            self.assertTrue(key.is_file(), command)
        self.service.answer("GET", "/hosts", 200, [host])
        self.drukbox("ls")
        self.assertFalse((key.parent / "missing_since").exists())

    def test_a_token_goes_in_the_clear_only_when_asked(self):
        """The proxy sees what goes over the network."""
        service = {"SANDBOX_SERVICE_URL": "http://service.example", "http_proxy": self.service.url}
        refused = self.drukbox("ls", env=service, expect=2)
        self.assertIn("--allow-plain-http", refused.stderr)
        self.assertEqual(self.service.requests, [])
        self.drukbox("ls", "--allow-plain-http", env=service, expect=None)
        self.drukbox("ls", env={**service, "DRUKBOX_ALLOW_PLAIN_HTTP": "1"}, expect=None)
        self.assertEqual(len(self.service.requests), 2)
        self.assertIn("Bearer t", self.service.requests[0][2].values())

    def test_a_token_of_one_service_is_not_for_another(self):
        trap = ScriptedService()
        self.addCleanup(trap.close)
        self.assertIn("SANDBOX_SERVICE_TOKEN", self.drukbox("ls", "--url", trap.url, expect=2).stderr)
        self.assertEqual(probe(trap), ["/probe"])


class Terminal:
    """A program on a terminal that is wide enough for its lines, and that it is the leader of."""

    def __init__(self, command, env, directory):
        self.terminal, screen = os.openpty()
        termios.tcsetwinsize(screen, (50, 300))
        self.process = subprocess.Popen(["setsid", "--ctty", *command], env=env, cwd=directory, stdin=screen,
                                        stdout=screen, stderr=screen)
        os.close(screen)

    def type(self, text):
        os.write(self.terminal, text.encode())

    def read_until(self, text):
        seen = b""
        deadline = time.monotonic() + 3 * PATIENCE  # a shell with its completion is slow to start
        while text.encode() not in seen:
            ready, _, _ = select.select([self.terminal], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise AssertionError(f"{text!r} is not shown: {seen!r}")
            seen += os.read(self.terminal, 4096)

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.terminal)


def in_a_network_of_its_own():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    trap = trap_at(8780)
    ls = subprocess.run([DRUKBOX, "ls"], stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False)
    print(json.dumps({"code": ls.returncode, "heard": probe(trap)}))
    trap.close()


if __name__ == "__main__":
    if sys.argv[1:] == ["in-a-network-of-its-own"]:
        in_a_network_of_its_own()
    else:
        main()
