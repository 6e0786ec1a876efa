"""Settings that cannot be, programs that are missing, a state directory that cannot be written."""

import os
import pathlib
import signal
import subprocess
import unittest

from support import DRUKBOX, PATIENCE, Service, TestCase, main, wait_until


class Settings(TestCase):
    def serve(self, *options, **settings):
        """A start that is to fail; settings of None are left out."""
        env = {name: value for name, value in {**self.home.env, **settings}.items() if value is not None}
        return subprocess.run([DRUKBOX, "serve", *options], env=env, capture_output=True, text=True,
                              timeout=PATIENCE, cwd=self.home.path, check=False)

    def assert_refused(self, done, variable):
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(done.stdout, "")
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertTrue(lines[0].startswith("drukbox: "), lines[0])
        self.assertIn(variable, lines[0])

    def test_a_malformed_one_stops_the_start_with_a_line_that_names_it(self):
        for name, value in (
            ("LISTEN", "nonsense"),
            ("LISTEN", "127.0.0.1:99999"),
            ("LISTEN", "0.0.0.0:0"),
            ("LISTEN_MODE", "rw"),
            ("LEASE_DEFAULT_TTL", "a day"),
            ("LEASE_DEFAULT_TTL", "-1"),
            ("LEASE_DEFAULT_TTL", "0"),
            ("IDEMPOTENCY_KEY_TTL_HOURS", "1.5"),
            ("PROVISIONING_GRACE_SECONDS", "99999999999999999999"),
            ("UNCLAIMED_LEASE_SECONDS", "x"),
            ("LOG_LEVEL", "loud"),
            ("LOCAL_NETWORK", "bridge"),
            ("LOCAL_ISOLATION", "lax"),
            ("LOCAL_MEMORY_MB", "lots"),
            ("LOCAL_CPUS", "-2"),
            ("DATABASE_URL", "mysql://x"),
            ("LOG_FORMAT", "xml"),
            ("MAX_REQUESTS_IN_FLIGHT", "-1"),
            ("CREATES_PER_MINUTE", "many"),
            ("SERVICE_TOKENS_FILE", "/nowhere"),
            ("TLS_CERT_FILE", "/nowhere.pem"),
            ("TLS_KEY_FILE", "/nowhere.pem"),
        ):
            with self.subTest(name=name, value=value):
                self.assert_refused(self.serve("--dev", **{name: value}), name)

    def test_a_key_that_everybody_can_read(self):
        key, certificate = self.home.path / "tls.key", self.home.path / "tls.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
             "-subj", "/CN=localhost", "-keyout", key, "-out", certificate],
            check=True, capture_output=True)
        files = {"TLS_CERT_FILE": str(certificate), "TLS_KEY_FILE": str(key)}
        key.chmod(0o644)
        self.assert_refused(self.serve("--dev", "--check-config", **files), "TLS_KEY_FILE")
        # As Debian's ssl-cert has it.
        key.chmod(0o640)
        self.assertEqual(self.serve("--dev", "--check-config", **files).returncode, 0)

    def test_without_dev_what_is_required_is_named(self):
        self.assert_refused(self.serve(), "SERVICE_TOKENS")
        self.assert_refused(self.serve(SERVICE_TOKENS="t"), "DEFAULT_HOST_PROVIDER")
        self.assert_refused(self.serve(SERVICE_TOKENS=" , ", DEFAULT_HOST_PROVIDER="local"), "SERVICE_TOKENS")

    def test_settings_can_be_checked_without_a_start(self):
        self.assertEqual(self.serve("--dev", "--check-config").returncode, 0)
        self.assert_refused(self.serve("--dev", "--check-config", LOG_LEVEL="loud"), "LOG_LEVEL")

    def test_the_environment_goes_before_the_env_file(self):
        (self.home.path / ".env").write_text("LOG_LEVEL=loud\n")
        self.assert_refused(self.serve("--dev", "--check-config"), "LOG_LEVEL")
        self.assertEqual(self.serve("--dev", "--check-config", LOG_LEVEL="info").returncode, 0)

    def test_an_env_file_that_somebody_else_may_have_written_is_refused(self):
        path = self.home.path / ".env"
        path.write_text("SERVICE_TOKENS=planted\nDEFAULT_HOST_PROVIDER=local\n")
        self.assertEqual(self.serve("--check-config").returncode, 0)
        path.chmod(0o666)
        self.assert_refused(self.serve("--check-config"), str(path))
        if os.geteuid() == 0:
            path.chmod(0o600)
            os.chown(path, 65534, 65534)
            self.assert_refused(self.serve("--check-config"), str(path))
            self.assert_refused(self.serve("--dev"), str(path))

    def test_what_the_env_file_sets_is_said_at_the_start_and_at_a_reload(self):
        (self.home.path / ".env").write_text("SERVICE_TOKENS=planted-token\nLISTEN=127.0.0.1:1\n")
        service = self.service()
        event = f"settings.from_dotenv file={self.home.path}/.env names=SERVICE_TOKENS\n"
        self.assertEqual(service.log().count(event), 1, service.log())
        service.process.send_signal(signal.SIGHUP)
        wait_until(lambda: service.log().count(event) == 2, "it is said again")
        self.assertNotIn("planted-token", service.log())

    def test_a_port_that_is_taken(self):
        first = self.service()
        done = self.serve("--dev", LISTEN=first.url[len("http://") :], STATE_DIR=str(self.home.path / "other"))
        self.assert_refused(done, "LISTEN")

    def test_one_state_directory_is_for_one_service(self):
        self.service()
        done = self.serve("--dev")
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_a_default_provider_that_is_unknown_is_said_on_create(self):
        self.service(DEFAULT_HOST_PROVIDER="nowhere")
        self.assertIn("unknown VM provider: nowhere", self.drukbox("create", expect=1).stderr)

    def test_tokens_of_the_setting(self):
        service = self.service(SERVICE_TOKENS=" one , two ")
        for token in ("one", "two"):
            self.drukbox("ls", env={"SANDBOX_SERVICE_URL": service.url, "SANDBOX_SERVICE_TOKEN": token})


@unittest.skipUnless(os.geteuid() == 0, "hides a program in a mount namespace of its own")
class MissingPrograms(TestCase):
    def test_each_is_named_with_its_package(self):
        for program, package in (("/usr/bin/bwrap", "bubblewrap"), ("/usr/sbin/sshd", "openssh-server")):
            with self.subTest(program):
                service = self.service(mount=f"mount --bind /dev/null {program}")
                self.assertIn(package, service.log())
                self.assertIn(package, self.drukbox("doctor", expect=1).stdout)
                self.assertIn(package, self.drukbox("create", expect=7).stderr)
                self.assertEqual(service.stop(), 0)


class State(TestCase):
    def refusal(self):
        """What a start says that is to fail, and writes nothing."""
        done = subprocess.run([DRUKBOX, "serve", "--dev"], env=self.home.env, capture_output=True, text=True,
                              timeout=PATIENCE, cwd=self.home.path, check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertEqual(os.listdir(self.home.state), [])
        return done.stderr

    def test_a_directory_that_others_can_enter_stops_the_start(self):
        self.home.state.mkdir()
        for mode in (0o777, 0o750):
            self.home.state.chmod(mode)
            self.assertIn(f"STATE_DIR: {self.home.state} has mode {mode:04o}", self.refusal())
        self.home.state.chmod(0o700)
        self.service()

    @unittest.skipUnless(os.geteuid() == 0, "gives a directory away")
    def test_a_directory_of_somebody_else_stops_the_start(self):
        self.home.state.mkdir(mode=0o700)
        os.chown(self.home.state, 65534, 65534)
        self.assertIn(f"STATE_DIR: {self.home.state} has mode 0700 and belongs to uid 65534", self.refusal())

    def test_is_made_for_its_owner_only(self):
        service = self.service(mount="umask 0") if os.geteuid() == 0 else self.service()
        self.assertEqual(os.stat(service.state).st_mode & 0o777, 0o700)

    def test_can_be_stopped_from_the_moment_it_says_where_it_listens(self):
        for _ in range(5):
            self.assertEqual(Service(self.home).start().stop(), 0)

    def test_a_directory_that_cannot_be_made_stops_the_start(self):
        (self.home.path / "file").write_text("")
        env = {**self.home.env, "STATE_DIR": str(self.home.path / "file" / "below")}
        done = subprocess.run([DRUKBOX, "serve", "--dev"], env=env, capture_output=True, text=True,
                              timeout=PATIENCE, cwd=self.home.path, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(str(self.home.path / "file"), done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)


@unittest.skipUnless(os.geteuid() == 0, "mounts a file system of its own")
class FullDisk(TestCase):
    def fill(self, service):
        """Leaves not a byte free."""
        with open(service.state / "filler", "wb", buffering=0) as filler:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        filler.write(b"x" * size)
                except OSError:
                    pass

    def test_is_a_clear_503_and_loses_nothing(self):
        self.home.state.mkdir()
        service = self.service(mount='mount -t tmpfs -o size=4m,mode=0700 none "$STATE_DIR"')
        status, before = service.request("POST", "/hosts", {})
        self.assertEqual(status, 201, before)
        self.fill(service)
        status, answer = service.request("POST", "/hosts", {})
        self.assertEqual(status, 503, answer)
        self.assertIsInstance(answer["detail"], str)
        self.assertEqual([host["id"] for host in service.hosts()], [before["id"]])
        (service.state / "filler").unlink()
        status, after = service.request("POST", "/hosts", {})
        self.assertEqual(status, 201, after)
        self.assertEqual({host["id"] for host in service.hosts()}, {before["id"], after["id"]})
        for host in (before, after):
            self.assertEqual(service.request("DELETE", "/hosts/" + host["id"])[0], 204)


@unittest.skipUnless(os.geteuid() == 0, "mounts a file system of its own")
class ReadOnlyState(TestCase):
    def setUp(self):
        super().setUp()
        self.home.state.mkdir()
        image = self.home.path / "image"
        with open(image, "wb") as file:
            file.truncate(32 << 20)
        subprocess.run(["mkfs.ext4", "-q", image], check=True)
        self.mount = f'mount -o loop {image} "$STATE_DIR" && chmod 0700 "$STATE_DIR"'

    def test_is_a_clear_503_and_loses_nothing(self):
        service = self.service(mount=self.mount)
        status, before = service.request("POST", "/hosts", {})
        self.assertEqual(status, 201, before)
        # What a kernel does to a file system that it finds damaged.
        subprocess.run(["nsenter", "-m", "-t", str(service.process.pid), "mount", "-o", "remount,abort",
                        str(self.home.state)], check=True)
        status, answer = service.request("POST", "/hosts", {})
        self.assertEqual((status, answer), (503, {"detail": "host provisioning could not be completed"}))
        status, answer = service.request("DELETE", "/hosts/" + before["id"])
        self.assertEqual((status, answer["error_code"]), (503, "HOST_TEARDOWN"))
        self.assertEqual([host["id"] for host in service.hosts()], [before["id"]])
        # Its record cannot be written any more: the sandbox ends with its keeper.
        subprocess.run(["pkill", "-KILL", "-f", "drukbox-keeper " + before["name"]], check=True)

    def test_stops_the_start_with_one_line(self):
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", self.mount + ' && mount -o remount,ro "$STATE_DIR" && exec "$@"',
             "-", DRUKBOX, "serve", "--dev"],
            env=self.home.env, capture_output=True, text=True, timeout=PATIENCE, cwd=self.home.path, check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("Read-only file system", done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)


if __name__ == "__main__":
    main()
