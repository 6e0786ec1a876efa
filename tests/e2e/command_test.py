"""The command against a real service with real sandboxes."""

import os
import pathlib
import signal
import stat
import subprocess
import time
import unittest
import urllib.parse

from support import DRUKBOX, PATIENCE, TestCase, descendants, keepers_below, main, wait_until


class Sandboxes(TestCase):
    def create(self, *options):
        return self.drukbox("create", "--json", *options).json

    def tree(self, host):
        return descendants(keepers_below(self.home.state)[host["name"]])

    def test_refuses_a_token_that_is_not_its_own(self):
        service = self.service()
        ls = self.drukbox("ls", env={"SANDBOX_SERVICE_URL": service.url, "SANDBOX_SERVICE_TOKEN": "wrong"}, expect=5)
        self.assertIn("SANDBOX_SERVICE_TOKEN", ls.stderr)
        self.assertNotIn("wrong", ls.stderr)

    def test_says_what_is_not_there(self):
        self.service()
        self.drukbox("get", "sb-none", expect=3)
        self.drukbox("renew", "sb-none", expect=3)
        self.drukbox("rm", "sb-none", expect=3)
        self.drukbox("ssh", "sb-none", expect=3)
        self.drukbox("get", "01980000-0000-7000-8000-000000000000", expect=3)
        self.drukbox("create", "--provider", "nowhere", expect=1)
        self.drukbox("create", "--env", "1X=y", expect=2)

    def test_a_failed_provision_has_its_code_and_its_reason(self):
        self.service()
        create = self.drukbox("create", "--image", "/no/such/image", expect=7)
        self.assertIn("no such image", create.stderr)
        wait_until(lambda: not self.home.sandboxes() and not keepers_below(self.home.state), "remains are removed")

    def test_the_files_that_hold_secrets_are_the_owners_alone(self):
        service = self.service()
        host = self.create()
        for path in (self.home.state / "token", self.home.keys / host["id"] / "id_ed25519"):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, path)
        self.assertNotIn(service.token, service.log())
        self.assertNotIn("PRIVATE KEY", service.log())
        self.drukbox("rm", host["name"])

    def test_a_life(self):
        self.service()
        create = self.drukbox("create", "--ttl", "1h", "--env", "GREETING=hello world")
        name = self.drukbox("ls", "-q").stdout.strip()
        self.assertIn(f"drukbox ssh {name}", create.stdout)
        self.assertIn("ssh -F none", create.stdout)
        host = self.drukbox("get", "--json", name).json
        self.assertEqual(host["status"], "active")
        self.assertIsNone(host["private_key"])
        tree = self.tree(host)
        self.assertGreater(len(tree), 1)

        self.assertEqual(self.drukbox("ssh", name, "--", 'echo "$GREETING"').stdout, "hello world\n")
        self.assertRegex(self.drukbox("ls").stdout, name + r" +active +local +127\.0\.0\.1:\d+ .* in (59|60) min")
        self.assertRegex(self.drukbox("renew", name, "--ttl", "2h").stdout, r"in (119 min|2 h)")
        self.assertEqual(self.drukbox("renew", "--json", host["id"]).json["id"], host["id"])

        key = self.home.keys / host["id"]
        self.assertTrue(key.is_dir())
        self.assertEqual(self.drukbox("rm", name[:-1]).stdout, name + "\n")
        self.assertFalse(key.exists())
        self.assertEqual(self.drukbox("ls", "--json").json, [])
        self.assert_nothing_left(host, tree)

    def test_the_printed_ssh_command_works_as_it_stands(self):
        self.service()
        create = self.drukbox("create").stdout
        (command,) = [line for line in create.splitlines() if line.startswith("  ssh ")]
        done = subprocess.run(["sh", "-c", command + " echo in"], env=self.home.env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=PATIENCE, check=False, **self.home.identity)
        self.assertEqual((done.returncode, done.stdout), (0, "in\n"), done.stderr)
        self.drukbox("rm", "--all", "--yes")

    def test_ssh_passes_on_arguments_streams_and_exit_codes(self):
        self.service()
        name = self.create()["name"]
        self.drukbox("ssh", name, "--", "exit 42", expect=42)
        self.drukbox("ssh", name, "--", "false", expect=1)
        words = ["a b", "$HOME", "it's", "*", "", "--", "\"x\"\\"]
        out = self.drukbox("ssh", name, "--", "printf", "%s|", *words).stdout
        self.assertEqual(out, "".join(word + "|" for word in words))
        self.assertEqual(self.drukbox("ssh", name, "--", "cat", stdin="through\n").stdout, "through\n")
        failed = self.drukbox("ssh", name, "--", "echo out; echo err >&2; exit 3", expect=3)
        self.assertEqual((failed.stdout, failed.stderr), ("out\n", "err\n"))
        self.drukbox("rm", name)

    def test_ssh_does_not_trust_another_host_key(self):
        self.service()
        host = self.create()
        config = self.drukbox("ssh-config", host["name"]).stdout
        path = self.home.path / "config"
        path.write_text(config)
        known_hosts = self.home.keys / host["id"] / "known_hosts"
        kind, blob = known_hosts.read_text().split()[1:3]
        known_hosts.write_text(f"[127.0.0.1]:{host['external_ssh_port']} {kind} {blob[:-8]}AAAAAAA=\n")
        done = subprocess.run(["ssh", "-F", path, host["name"], "true"], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False, **self.home.identity)
        self.assertEqual(done.returncode, 255, done.stderr)
        # The command asks the service each time, and so is not misled by the file.
        self.drukbox("ssh", host["name"], "--", "true")
        self.drukbox("rm", host["name"])

    def test_ssh_config_serves_ssh_itself(self):
        self.service()
        hosts = [self.create(), self.create()]
        config = self.drukbox("ssh-config").stdout
        path = self.home.path / "config"
        path.write_text(config)
        for host in hosts:
            done = subprocess.run(["ssh", "-F", path, host["name"], "hostname"], capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False, **self.home.identity)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.drukbox("rm", "--all", "-y")

    def test_copies_both_ways(self):
        self.service()
        name = self.create()["name"]
        tree = self.home.path / "tree with space"
        (tree / "below").mkdir(parents=True)
        (tree / "below" / "file").write_bytes(os.urandom(200_000))
        self.drukbox("cp", "-r", str(tree), name + ":")
        self.drukbox("cp", "-r", name + ":tree with space", "back")
        self.assertEqual((tree / "below" / "file").read_bytes(),
                         (self.home.path / "back" / "below" / "file").read_bytes())
        self.drukbox("cp", name + ":no-such-file", ".", expect=1)
        self.drukbox("rm", name)

    def test_prefixes_and_ambiguity(self):
        self.service()
        hosts = [self.create() for _ in range(2)]
        ambiguous = self.drukbox("get", "sb-", expect=2)
        for host in hosts:
            self.assertIn(host["name"], ambiguous.stderr)
        self.assertEqual(self.drukbox("get", "--json", hosts[0]["name"][:-1]).json["id"], hosts[0]["id"])
        self.assertEqual(sorted(self.drukbox("rm", *(host["id"] for host in hosts)).stdout.split()),
                         sorted(host["name"] for host in hosts))

    def test_leases(self):
        self.service()
        permanent = self.create("--permanent")
        self.assertIsNone(permanent["expires_at"])
        self.assertIn("never", self.drukbox("ls").stdout)
        self.assertIsNotNone(self.drukbox("renew", "--json", "--ttl", "1h", permanent["name"]).json["expires_at"])
        brief = self.create("--ttl", "2s")
        tree = self.tree(brief)
        wait_until(lambda: not tree & _alive(tree), "the lease ends the sandbox")
        self.drukbox("rm", permanent["name"])

    def test_the_same_key_gives_the_same_sandbox(self):
        self.service()
        first = self.create("--idempotency-key", "job-1")
        again = self.create("--idempotency-key", "job-1")
        self.assertEqual(first["id"], again["id"])
        self.assertEqual(first["private_key"], again["private_key"])
        self.assertEqual(len(self.drukbox("ls", "--json").json), 1)
        self.drukbox("rm", first["name"])

    def test_doctor(self):
        self.service()
        report = self.drukbox("doctor", "--json").json
        self.assertTrue(report["ok"])
        self.assertEqual([check["name"] for check in report["checks"]], ["db", "provider"])
        self.assertIn("select 1", self.drukbox("doctor").stdout)

    def test_janitor_does_nothing_beside_a_running_service(self):
        self.service()
        host = self.create()
        self.drukbox("janitor", "--dev", expect=None)
        self.drukbox("ssh", host["name"], "--", "true")
        self.drukbox("rm", host["name"])


@unittest.skipUnless(os.geteuid() == 0, "who is an ordinary user has run these above")
class SandboxesOfAnOrdinaryUser(Sandboxes):
    user = "nobody"


def _alive(pids):
    return {pid for pid in pids if pathlib.Path("/proc", str(pid)).exists()}


class Run(TestCase):
    def assert_all_gone(self, service):
        self.assertEqual(service.hosts(), [])
        wait_until(lambda: not keepers_below(self.home.state), "the keeper ends")
        self.assertEqual(self.home.sandboxes(), set())
        self.assertEqual(list(self.home.keys.iterdir()), [])

    def test_passes_on_the_exit_code_and_removes(self):
        service = self.service()
        self.drukbox("run", "--", "exit 9", expect=9)
        self.assert_all_gone(service)
        run = self.drukbox("run", "--env", "A=1", "--", "sh", "-c", 'echo "$A $1"; cat', "-", "x y", stdin="in\n")
        self.assertEqual(run.stdout, "1 x y\nin\n")
        self.assert_all_gone(service)

    def test_removes_when_ssh_cannot_be_run(self):
        service = self.service()
        empty = self.home.path / "empty"
        empty.mkdir()
        run = self.drukbox("run", "--", "true", env={"PATH": str(empty)}, expect=1)
        self.assertIn("ssh", run.stderr)
        self.assert_all_gone(service)

    def test_removes_when_interrupted(self):
        service = self.service()
        for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal_number):
                run = subprocess.Popen([DRUKBOX, "run", "--", "echo started; sleep 1000"], env=self.home.env,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                self.assertEqual(run.stdout.readline(), b"started\n")
                run.send_signal(signal_number)
                self.assertEqual(run.wait(PATIENCE), 128 + signal_number)
                run.stdout.close()
                self.assert_all_gone(service)

    def test_removes_when_interrupted_before_it_is_there(self):
        service = self.service()
        for delay in (0.0, 0.005, 0.01, 0.02, 0.05):
            run = subprocess.Popen([DRUKBOX, "run", "--", "sleep 1000"], env=self.home.env,
                                   stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            # Not waiting for anything: the point is to hit the create at any moment.
            time.sleep(delay)
            run.send_signal(signal.SIGTERM)
            self.assertIn(run.wait(PATIENCE), (128 + signal.SIGTERM, -signal.SIGTERM))
        wait_until(lambda: service.hosts() == [], "nothing is left")

    def test_a_sandbox_that_is_removed_meanwhile_ends_it(self):
        service = self.service()
        run = subprocess.Popen([DRUKBOX, "run", "--", "echo started; sleep 1000"], env=self.home.env,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.assertEqual(run.stdout.readline(), b"started\n")
        self.drukbox("rm", "--all", "-y")
        self.assertEqual(run.wait(PATIENCE), 255)
        run.stdout.close()
        self.assert_all_gone(service)


class Addresses(TestCase):
    def test_finds_a_service_on_a_unix_socket(self):
        path = self.home.path / "s.sock"
        self.service(LISTEN=f"unix:{path}")
        self.assertEqual(self.drukbox("ls", "--json").json, [])

    def test_is_not_led_through_a_proxy_to_a_service_on_this_machine(self):
        self.service()
        self.drukbox("ls", env={"http_proxy": "http://127.0.0.1:1"})

    def test_a_service_that_was_stopped_is_said_to_be(self):
        service = self.service()
        host, _ = urllib.parse.urlsplit(service.url).hostname, service.stop()
        self.assertEqual(host, "127.0.0.1")
        self.assertIn("drukbox serve --dev", self.drukbox("ls", expect=6).stderr)


if __name__ == "__main__":
    main()
