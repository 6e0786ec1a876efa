"""What the tests of the SDK against other programs share: its driver, a recorder of requests, certificates, and how to
start a server that is not ours."""

import http.server
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

# The end-to-end tests' own.
sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

from support import PATIENCE, ROOT, record, wait_until

SDK_CALL = os.environ.get("SDK_CALL") or str(ROOT / "build/debug/tests/sdk_call")
PYTHON_ENV = pathlib.Path(os.environ.get("PYTHON_ENV") or ROOT / "build/python-env")
TOKEN = "a-token.of_48~bytes+which/looks=like-a-real-one0"
HOST_ID = "0190b5e2-7c1a-7def-8abc-0123456789ab"

# What each version of a client reads: the keys of the contract, and those that later ones need.
HOST = record(id=HOST_ID, service_account=None, activated_at="2026-01-02T03:04:06Z")
CHECK = {"name": "db", "status": "ok", "detail": "select 1 -> 1", "latency_ms": 1, "hint": None}
REPORT = {
    "ok": True,
    "active_provider": "local",
    "tailscale_enabled": False,
    "tailnet": False,
    "checks": [CHECK],
}


class TestCase(unittest.TestCase):
    """A test with a directory of its own."""

    def setUp(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="dbx-"))
        self.addCleanup(shutil.rmtree, self.path, ignore_errors=True)

    def sdk(self, base_url, calls, env=None, token=TOKEN, **config):
        """What the SDK makes of the calls, one after the other on one client; of a list of calls, all at once."""
        return run_sdk({"base_url": base_url, "token": token, **config}, calls, env)

    def sdk_call(self, base_url, operation, env=None, **config):
        """The outcome of one call without arguments but a host id."""
        return self.sdk(base_url, [{"operation": operation, "host_id": HOST_ID}], env, **config)[0]

    def started(self, start):
        """Starts something, and closes it when the test ends."""
        started = start()
        self.addCleanup(started.close)
        return started


def run_sdk(config, calls, env=None):
    return run_calls([SDK_CALL], config, calls, env)


def run_calls(command, config, calls, env=None):
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    finished = subprocess.run(
        [*command, json.dumps(config)],
        input="".join(json.dumps(call) + "\n" for call in calls),
        env={**clean, **(env or {})},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if finished.returncode != 0:
        raise AssertionError(f"{command}: {finished.returncode}\n{finished.stdout}\n{finished.stderr}")
    return [json.loads(line) for line in finished.stdout.splitlines()]


class Request:
    """A request as it came in."""

    def __init__(self, method, target, headers, body):
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body

    def header(self, name):
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) < 2, self.headers
        return values[0] if values else None


def contract_answer(method, target):
    """The status and the record of a service that agrees to everything."""
    path = target.partition("?")[0].split("/")
    if method == "DELETE":
        return 204, None
    if path[1] == "doctor":
        return 200, REPORT
    if path[1] == "http-proxies":
        if len(path) > 3:
            return 200, {"name": path[2], "host_id": path[4], "status": "attached"}
        return 201, {"name": "a-proxy", "status": "created"}
    if method == "POST":
        return (200 if path[-1] == "renew" else 201), HOST
    return 200, ([HOST] if len(path) == 2 else HOST)


class Recorder:
    """A service over loopback, by HTTP or with a certificate by HTTPS, that agrees to everything and notes what it
    was asked."""

    def __init__(self, tls=None):
        self.requests = []
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                recorder.requests.append(Request(self.command, self.path, self.headers.items(), body))
                status, record = contract_answer(self.command, self.path)
                content = b"" if record is None else json.dumps(record).encode()
                self.send_response(status)
                if status != 204:
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_DELETE = answer

            def do_CONNECT(self):
                recorder.requests.append(Request(self.command, self.path, self.headers.items(), b""))
                self.close_connection = True
                self.send_error(502)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, request, client_address):
                pass  # a client that does not trust us hangs up

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        if tls is not None:
            self.server.socket = tls.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
            self.url = f"https://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def take(self):
        taken = self.requests[:]
        self.requests.clear()
        return taken

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Authority:
    """A certificate authority, and what it has signed."""

    def __init__(self, path):
        self.path = path
        self.certificate = self._file("ca", "crt")
        self._openssl("req", "-x509", *self._new_key("ca"), "-subj", "/CN=an-authority", "-out", self.certificate)

    def issue(self, name, *extensions):
        """The paths of a certificate and of its key."""
        request, certificate = self._file(name, "csr"), self._file(name, "crt")
        added = [word for extension in extensions for word in ("-addext", extension)]
        self._openssl("req", *self._new_key(name), "-subj", f"/CN={name}", *added, "-out", request)
        signer = ("-CA", self.certificate, "-CAkey", self._file("ca", "key"), "-CAcreateserial")
        self._openssl("x509", "-req", "-in", request, *signer, "-copy_extensions", "copy", "-out", certificate)
        return certificate, self._file(name, "key")

    def _new_key(self, name):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self._file(name, "key"))

    def _file(self, name, extension):
        return str(self.path / f"{name}.{extension}")

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class Program:
    """A server that is started, and ended when it is closed."""

    def __init__(self, command, log, **options):
        self.log_path = log
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **options
            )

    def log(self):
        return self.log_path.read_text(errors="replace")

    def logs(self, text):
        """Waits until it has logged the text; false when it has ended instead."""
        wait_until(
            lambda: text in self.log() or self.process.poll() is not None, f"{text!r} in the log"
        )
        return text in self.log()

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def unused_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


def main():
    unittest.main(verbosity=2)
