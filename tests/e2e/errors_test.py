"""What the command makes of bad usage, bad surroundings and every answer of a service."""

import json
import os
import signal
import socket
import stat
import subprocess

from support import DRUKBOX, ScriptedService, TestCase, main, record


class WithoutAService(TestCase):
    def test_says_how_to_start_one(self):
        ls = self.drukbox("ls", expect=6)
        self.assertEqual(ls.stdout, "")
        self.assertTrue(ls.stderr.startswith("drukbox: "), ls.stderr)
        self.assertIn("drukbox serve --dev", ls.stderr)

    def test_says_that_it_does_not_answer(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{unused.getsockname()[1]}"
            ls = self.drukbox("ls", env={"SANDBOX_SERVICE_URL": url, "SANDBOX_SERVICE_TOKEN": "t"}, expect=6)
        self.assertIn(url, ls.stderr)

    def test_names_the_variable_that_is_missing(self):
        ls = self.drukbox("ls", env={"SANDBOX_SERVICE_URL": "http://127.0.0.1:1"}, expect=2)
        self.assertIn("SANDBOX_SERVICE_TOKEN", ls.stderr)
        ls = self.drukbox("ls", env={"SANDBOX_SERVICE_TOKEN": "t"}, expect=2)
        self.assertIn("SANDBOX_SERVICE_URL", ls.stderr)

    def test_names_the_token_file_that_cannot_be_read(self):
        ls = self.drukbox("ls", "--url", "http://127.0.0.1:1", "--token-file", "/nowhere/token", expect=2)
        self.assertIn("/nowhere/token", ls.stderr)

    def test_refuses_a_url_that_is_none(self):
        ls = self.drukbox("ls", env={"SANDBOX_SERVICE_URL": "ftp://x", "SANDBOX_SERVICE_TOKEN": "t"}, expect=2)
        self.assertIn("ftp://x", ls.stderr)


class Usage(TestCase):
    def test_wrong_usage_is_code_2_with_a_hint(self):
        for arguments in (
            [],
            ["nonsense"],
            ["create", "--nonsense"],
            ["create", "--ttl", "5x"],
            ["create", "--ttl", "1h", "--permanent"],
            ["create", "--env", "=x"],
            ["create", "--disk-gb", "many"],
            ["get"],
            ["renew"],
            ["rm"],
            ["ssh"],
            ["run"],
            ["run", "true"],
            ["cp", "a", "b"],
            ["cp", "x:a", "y:b"],
            ["completion", "tcsh"],
        ):
            with self.subTest(arguments):
                result = self.drukbox(*arguments, env={"SANDBOX_SERVICE_URL": "http://127.0.0.1:1",
                                                       "SANDBOX_SERVICE_TOKEN": "t"}, expect=2)
                self.assertTrue(result.stderr.startswith("drukbox: "), result.stderr)
                self.assertEqual(result.stdout, "")

    def test_names_the_bad_part_of_a_duration(self):
        self.assertIn("'x'", self.drukbox("create", "--ttl", "5x", env={"SANDBOX_SERVICE_URL": "http://127.0.0.1:1",
                                          "SANDBOX_SERVICE_TOKEN": "t"}, expect=2).stderr)

    def test_help_of_every_command_goes_to_standard_output(self):
        self.assertIn("Exit codes:", self.drukbox("--help").stdout)
        for command in ("create", "run", "ssh", "cp", "ssh-config", "ls", "get", "renew", "rm", "doctor", "serve",
                        "janitor", "pool", "version", "completion"):
            with self.subTest(command):
                text = self.drukbox(command, "--help").stdout
                self.assertIn("drukbox " + command, text)

    def test_version(self):
        self.assertRegex(self.drukbox("version").stdout, r"^drukbox \d+\.\d+\.\d+\n$")
        self.assertEqual(self.drukbox("version").stdout, self.drukbox("--version").stdout)

    def test_a_full_standard_output_is_an_error(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([DRUKBOX, "version"], stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"standard output", done.stderr)

    def test_a_closed_standard_output_is_an_error(self):
        done = subprocess.run(["sh", "-c", '"$0" version >&-', DRUKBOX], stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"standard output", done.stderr)

    def test_a_reader_that_has_gone_ends_it_quietly(self):
        read_end, write_end = os.pipe()
        os.close(read_end)
        done = subprocess.run([DRUKBOX, "version"], stdout=write_end, stderr=subprocess.PIPE, check=False)
        os.close(write_end)
        self.assertEqual(done.returncode, 141)
        self.assertEqual(done.stderr, b"")


class AnswersOfTheService(TestCase):
    def setUp(self):
        super().setUp()
        self.service = ScriptedService()
        self.addCleanup(self.service.close)
        self.home.env.update(SANDBOX_SERVICE_URL=self.service.url + "/", SANDBOX_SERVICE_TOKEN="secret-token")

    def test_every_outcome_has_its_exit_code(self):
        for status, code in ((401, 5), (403, 5), (404, 3), (409, 4), (422, 2), (502, 7), (503, 6), (400, 1), (500, 1)):
            with self.subTest(status):
                self.service.answer("POST", "/hosts", status, {"detail": "because of reasons"})
                create = self.drukbox("create", expect=code)
                self.assertIn("because of reasons", create.stderr)
                self.assertNotIn("secret-token", create.stderr)

    def test_survives_an_answer_that_makes_no_sense(self):
        for content in (b"", b"<html>", b"[]", b"{}", b'{"id": 5}', b"null", b"\xff\xfe"):
            with self.subTest(content):
                self.service.answer("POST", "/hosts", 200, content)
                self.assertTrue(self.drukbox("create", expect=1).stderr.startswith("drukbox: "))

    def test_sends_the_token_and_the_request(self):
        self.service.answer("POST", "/hosts", 201, record())
        self.drukbox("create", "--image", "debian", "--env", "A=b=c", "--env", "FROM_HERE", "--provider", "p",
                     "--idempotency-key", "k1", "--instance-type", "big", "--disk-gb", "7", "--permanent",
                     env={"FROM_HERE": "x y"})
        _, _, headers, body = self.service.requests[-1]
        self.assertEqual(headers["Authorization"], "Bearer secret-token")
        self.assertEqual(headers["Idempotency-Key"], "k1")
        self.assertEqual(json.loads(body), {
            "image": "debian", "env": {"A": "b=c", "FROM_HERE": "x y"}, "provider": "p", "instance_type": "big",
            "disk_gb": 7, "expires_at": None})

    def test_takes_the_token_from_a_file(self):
        path = self.home.path / "token"
        path.write_text("  other-token\n")
        self.service.answer("GET", "/hosts", 200, [])
        self.drukbox("--token-file", str(path), "ls")
        self.assertEqual(self.service.requests[-1][2]["Authorization"], "Bearer other-token")
        self.drukbox("ls", "--token-file", str(path))
        self.assertEqual(self.service.requests[-1][2]["Authorization"], "Bearer other-token")

    def test_a_variable_that_is_not_set_is_an_error(self):
        self.assertIn("NOT_SET_HERE", self.drukbox("create", "--env", "NOT_SET_HERE", expect=2).stderr)
        self.assertEqual(self.service.requests, [])

    def test_keeps_the_key_for_its_owner_alone(self):
        host = record(private_key="-----BEGIN KEY-----\n")
        self.service.answer("POST", "/hosts", 201, host)
        create = self.drukbox("create")
        key = self.home.keys / host["id"] / "id_ed25519"
        self.assertEqual(key.read_text(), "-----BEGIN KEY-----\n")
        self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(key.parent.stat().st_mode), 0o700)
        self.assertNotIn("BEGIN KEY", create.stdout + create.stderr)

    def test_prints_the_record_for_programs(self):
        host = record(private_key="-----BEGIN KEY-----\n")
        self.service.answer("POST", "/hosts", 201, host)
        self.assertEqual(self.drukbox("create", "--json").json, host)
        self.assertEqual(self.drukbox("create", "-q").stdout, host["name"] + "\n")

    def test_a_program_gets_its_record_where_no_key_can_be_kept(self):
        self.service.answer("POST", "/hosts", 201, record(private_key="k"))
        self.home.data.write_text("not a directory")
        create = self.drukbox("create", "--json")
        self.assertEqual(create.json["private_key"], "k")
        self.assertIn(str(self.home.data), create.stderr)
        self.assertIn("drukbox rm", self.drukbox("create", expect=1).stderr)

    def test_refuses_an_id_that_is_a_path(self):
        self.service.answer("POST", "/hosts", 201, record(id="../../x", private_key="k"))
        self.drukbox("create", expect=1)
        self.assertFalse(self.home.data.exists())

    def test_forgets_the_keys_of_hosts_that_are_long_gone_and_of_no_others(self):
        gone, there, elsewhere = (record(private_key="k") for _ in range(3))
        for host in (gone, there):
            self.service.answer("POST", "/hosts", 201, host)
            self.drukbox("create", "-q")
        other = ScriptedService()
        self.addCleanup(other.close)
        other.answer("POST", "/hosts", 201, elsewhere)
        self.drukbox("create", "-q", env={"SANDBOX_SERVICE_URL": other.url})
        self.service.answer("GET", "/hosts", 200, [there])
        self.drukbox("ls")
        self.assertTrue((self.home.keys / gone["id"] / "id_ed25519").is_file())
        (self.home.keys / gone["id"] / "missing_since").write_text("2026-01-02T03:04:05Z")
        self.drukbox("ls")
        self.assertEqual({entry.name for entry in self.home.keys.iterdir()}, {there["id"], elsewhere["id"]})

    def test_a_table_for_people_and_filters(self):
        hosts = [record(), record(status="error", last_error="X: \033[2Jbad", provider="other")]
        self.service.answer("GET", "/hosts", 200, hosts)
        ls = self.drukbox("ls").stdout.splitlines()
        self.assertEqual(len(ls), 3)
        self.assertRegex(ls[0], r"^NAME +STATUS +PROVIDER +ADDRESS +CREATED +EXPIRES +IMAGE$")
        self.assertRegex(ls[1], hosts[0]["name"] + r" +active +local +127\.0\.0\.1:2222 +\d+ d ago +never +host$")
        self.assertEqual(self.drukbox("ls", "--json").json, hosts)
        self.assertEqual(self.drukbox("ls", "-q", "--status", "error").stdout, hosts[1]["name"] + "\n")
        self.assertEqual(self.drukbox("ls", "-q", "--provider", "local").stdout, hosts[0]["name"] + "\n")

    def test_disarms_what_would_control_the_terminal(self):
        host = record(status="error", last_error="X: \033[2Jbad")
        self.service.answer("GET", "/hosts", 200, [host])
        self.assertIn(r"X: \x1b[2Jbad", self.drukbox("get", host["name"]).stdout)

    def test_an_ambiguous_prefix_lists_the_candidates(self):
        hosts = [record(name="sb-aaaa11"), record(name="sb-aaaa22"), record(name="sb-bbbb")]
        self.service.answer("GET", "/hosts", 200, hosts)
        get = self.drukbox("get", "sb-aaaa", expect=2)
        self.assertIn("sb-aaaa11", get.stderr)
        self.assertIn("sb-aaaa22", get.stderr)
        self.assertEqual(self.drukbox("get", "--json", "sb-b").json, hosts[2])
        self.assertIn("sb-c", self.drukbox("get", "sb-c", expect=3).stderr)

    def test_rm_goes_on_after_a_failure(self):
        hosts = [record(), record(), record()]
        self.service.answer("GET", "/hosts", 200, hosts)
        self.service.answer("DELETE", "/hosts/" + hosts[0]["id"], 204, b"")
        self.service.answer("DELETE", "/hosts/" + hosts[1]["id"], 409, {"detail": "host is still provisioning"})
        self.service.answer("DELETE", "/hosts/" + hosts[2]["id"], 204, b"")
        remove = self.drukbox("rm", "--json", *(host["name"] for host in hosts), "sb-none", expect=3)
        self.assertEqual([host["id"] for host in remove.json["removed"]], [hosts[0]["id"], hosts[2]["id"]])
        self.assertIn("still provisioning", remove.stderr)
        self.assertIn("sb-none", remove.stderr)

    def test_rm_all_asks_first(self):
        host = record()
        self.service.answer("GET", "/hosts", 200, [host])
        self.service.answer("DELETE", "/hosts/" + host["id"], 204, b"")
        self.assertIn("--yes", self.drukbox("rm", "--all", expect=1).stderr)
        self.assertEqual(self.drukbox("rm", "--all", "--yes").stdout, host["name"] + "\n")

    def test_logging_in_needs_the_key(self):
        host = record()
        self.service.answer("GET", "/hosts", 200, [host])
        for arguments in (["ssh", host["name"]], ["ssh-config", host["name"]], ["cp", host["name"] + ":x", "."]):
            self.assertIn("--identity", self.drukbox(*arguments, expect=1).stderr)
        self.assertIn("# " + host["name"], self.drukbox("ssh-config").stdout)

    def test_does_not_log_in_to_a_host_in_error(self):
        host = record(status="error", last_error="Boom: it broke")
        self.service.answer("GET", "/hosts", 200, [host])
        self.assertIn("Boom: it broke", self.drukbox("ssh", host["name"], expect=4).stderr)

    def test_a_hostile_record_reaches_no_command_line(self):
        for change in ({"name": "-oProxyCommand=touch pwned"}, {"external_ssh_host": "-oProxyCommand=touch pwned"},
                       {"ssh_username": "x\nProxyCommand touch pwned"}):
            host = record(private_key="k", **change)
            self.service.answer("GET", "/hosts/" + host["id"], 200, host)
            self.service.answer("POST", "/hosts", 201, host)
            self.drukbox("create", "--json", expect=1)
            self.drukbox("ssh", host["id"], expect=1)
            self.drukbox("ssh-config", host["id"], expect=1)
        self.assertFalse((self.home.path / "pwned").exists())

    def test_doctor_fails_when_a_check_does(self):
        report = {"ok": False, "active_provider": "local", "tailscale_enabled": False, "checks": [
            {"name": "db", "status": "ok", "detail": "select 1 -> 1", "latency_ms": 1, "hint": None},
            {"name": "provider", "status": "fail", "detail": "no bwrap", "latency_ms": 3, "hint": "install_bubblewrap"}]}
        self.service.answer("GET", "/doctor", 200, report)
        self.assertIn("install_bubblewrap", self.drukbox("doctor", expect=1).stdout)
        self.assertEqual(self.drukbox("doctor", "--json", expect=1).json, report)
        report["ok"] = True
        self.service.answer("GET", "/doctor", 200, report)
        self.drukbox("doctor")

    def test_completes_commands_options_and_hosts(self):
        host = record()
        self.service.answer("GET", "/hosts", 200, [host])
        self.assertIn("create\t", self.drukbox("__complete", "cr").stdout)
        self.assertIn("--ttl\t", self.drukbox("__complete", "create", "--t").stdout)
        self.assertIn(host["name"] + "\t", self.drukbox("__complete", "ssh", "sb-").stdout)

    def test_bash_completes(self):
        host = record()
        self.service.answer("GET", "/hosts", 200, [host])
        script = 'source <("$0" completion bash); COMP_WORDS=("$0" ssh sb-); COMP_CWORD=2; ' \
                 '_drukbox "$0" sb- ssh; echo "${COMPREPLY[@]}"'
        done = subprocess.run(["bash", "-c", script, DRUKBOX], env=self.home.env, capture_output=True, text=True,
                              check=True)
        self.assertEqual(done.stdout.strip(), host["name"])

    def test_completion_is_silent_without_a_service(self):
        complete = self.drukbox("__complete", "ssh", "", env={"SANDBOX_SERVICE_URL": "http://127.0.0.1:1"})
        self.assertEqual((complete.stdout, complete.stderr), ("", ""))


class OnATerminal(TestCase):
    def setUp(self):
        super().setUp()
        self.service = ScriptedService()
        self.addCleanup(self.service.close)
        self.home.env.update(SANDBOX_SERVICE_URL=self.service.url, SANDBOX_SERVICE_TOKEN="t", TERM="xterm")
        self.terminal, self.screen = os.openpty()
        self.addCleanup(os.close, self.screen)
        self.addCleanup(os.close, self.terminal)

    def start(self, *arguments, env=None, **streams):
        process = subprocess.Popen([DRUKBOX, *arguments], env={**self.home.env, **(env or {})},
                                   **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                                      "stderr": subprocess.PIPE, **streams})
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                self.addCleanup(stream.close)
        return process

    def read_until(self, text):
        seen = b""
        while text not in seen:
            seen += os.read(self.terminal, 4096)
        return seen

    def test_colours_unless_told_not_to(self):
        host = record()
        self.service.answer("GET", "/hosts", 200, [host])
        name = host["name"].encode()
        for env, escape in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
            with self.subTest(env):
                ls = self.start("ls", env=env, stdout=self.screen)
                self.assertEqual(b"\033[" in self.read_until(b"host"), escape)
                self.assertEqual(ls.wait(), 0)
        self.assertNotIn("\033[", self.drukbox("ls").stdout)
        self.assertIn(name.decode(), self.drukbox("ls").stdout)

    def test_shows_progress_while_it_waits(self):
        host = record()
        self.service.answer("POST", "/hosts", 201, host)
        self.service.gate.clear()
        create = self.start("create", "-q", stderr=self.screen)
        self.read_until(b"creating a sandbox")
        self.service.gate.set()
        self.assertEqual(create.wait(), 0)
        self.assertEqual(create.stdout.read().decode(), host["name"] + "\n")
        self.read_until(b"\r\033[K")

    def test_says_when_interrupted_that_it_waits_to_remove(self):
        host = record(private_key="k")
        self.service.answer("POST", "/hosts", 201, host)
        self.service.answer("DELETE", "/hosts/" + host["id"], 204, b"")
        self.service.gate.clear()
        run = self.start("run", "--", "true", stderr=self.screen)
        self.read_until(b"creating a sandbox")
        run.send_signal(signal.SIGINT)
        self.read_until(b"interrupted")
        self.service.gate.set()
        self.assertEqual(run.wait(), 128 + signal.SIGINT)
        self.assertEqual(self.service.requests[-1][:2], ("DELETE", "/hosts/" + host["id"]))
        self.assertFalse((self.home.keys / host["id"]).exists())

    def test_rm_all_takes_yes_for_an_answer(self):
        host = record()
        self.service.answer("GET", "/hosts", 200, [host])
        self.service.answer("DELETE", "/hosts/" + host["id"], 204, b"")
        for answer, code in ((b"n\n", 1), (b"y\n", 0)):
            remove = self.start("rm", "--all", stdin=self.screen, stderr=self.screen)
            self.read_until(b"Remove 1 sandbox? [y/N]")
            os.write(self.terminal, answer)
            self.assertEqual(remove.wait(), code)


if __name__ == "__main__":
    main()
