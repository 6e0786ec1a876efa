"""The example that hands a sandbox's coordinates to libssh, against a real sandbox with a real sshd."""

import os
import subprocess
import unittest

from support import PATIENCE, ScriptedService, TestCase, main

EXAMPLE = os.environ.get("EXAMPLE_SSH", "")


@unittest.skipUnless(EXAMPLE, "the examples were not built")
class SshExample(TestCase):
    def example(self, url, token, command):
        finished = subprocess.run(
            [EXAMPLE, command],
            env={**self.home.env, "SANDBOX_SERVICE_URL": url, "SANDBOX_SERVICE_TOKEN": token},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            cwd=self.home.path,
            check=False,
        )
        return finished

    def test_runs_a_command_in_a_sandbox_and_removes_it(self):
        service = self.service()
        finished = self.example(service.url, service.token, "echo from $USER; exit 3")
        self.assertEqual(finished.returncode, 3, finished.stderr)
        self.assertEqual(finished.stdout, "from sandbox\n")
        self.assertEqual(service.hosts(), [])

    def test_talks_to_no_host_with_another_key(self):
        service = self.service()
        _, host = service.request("POST", "/hosts")
        _, other = service.request("POST", "/hosts")
        key = other["known_hosts"].split(" ", 1)[1]
        host["known_hosts"] = f"[127.0.0.1]:{host['external_ssh_port']} {key}"
        fake = ScriptedService()
        self.addCleanup(fake.close)
        fake.answer("POST", "/hosts", 201, host)
        fake.answer("DELETE", f"/hosts/{host['id']}", 204, b"")
        finished = self.example(fake.url, "t", "echo should not run")
        self.assertEqual(finished.returncode, 1)
        self.assertIn("has another key than", finished.stderr)
        self.assertEqual(finished.stdout, "")
        self.assertEqual([method for method, *_ in fake.requests], ["POST", "DELETE"])


if __name__ == "__main__":
    main()
