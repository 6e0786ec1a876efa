"""schemathesis against both documents of a running service, with a given number of requests in all.

    openapi_test.py [REQUESTS]      default: 1500
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
import support  # noqa: E402

SCHEMATHESIS = support.ROOT / "build/openapi-env/bin/schemathesis"
REQUESTS = int(sys.argv.pop(1)) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 1500
DOCUMENTS = ["/openapi.json", "/openapi-extensions.json"]


class OpenApiTest(support.TestCase):
    def run_once(self, service, document, examples, seed):
        """One run over a document; returns how many requests it has sent."""
        with tempfile.TemporaryDirectory() as scratch:
            count = pathlib.Path(scratch, "count")
            count.touch()
            run = subprocess.run(
                [
                    str(SCHEMATHESIS),
                    "--config-file",
                    str(HERE / "schemathesis.toml"),
                    "run",
                    service.url + document,
                    f"--max-examples={examples}",
                    f"--seed={seed}",
                    "--continue-on-failure",
                    # CPython before 3.11.5 counts the depth of a parse for all threads together, and two that parse at
                    # once fail with a SystemError (gh-106905).
                    "--workers=1",
                ],
                env={
                    **os.environ,
                    "SCHEMATHESIS_HOOKS": "hooks",
                    "PYTHONPATH": str(HERE),
                    "DRUKBOX_TOKEN": service.token,
                    "REQUEST_COUNT": str(count),
                },
                cwd=scratch,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            sent = len(count.read_text())
        print(f"{document}: {sent} requests, seed {seed}, exit status {run.returncode}", flush=True)
        self.assertEqual(run.returncode, 0, run.stdout)
        return sent

    def forget_hosts(self, service):
        """Lists of thousands of hosts make every further request slow, in schemathesis."""
        for host in service.hosts():
            service.request("DELETE", f"/hosts/{host['id']}")

    def test_both_documents(self):
        service = self.service(DEFAULT_HOST_PROVIDER="sim", SIM_MINTS_KEY="true")
        sent, seed, examples = 0, 1, max(5, min(60, REQUESTS // 60))
        while sent < REQUESTS:
            for document in DOCUMENTS:
                sent += self.run_once(service, document, examples, seed)
                self.forget_hosts(service)
                seed += 1
        print(f"{sent} requests in all", flush=True)


if __name__ == "__main__":
    unittest.main()
