"""What the fake clouds share: an HTTP server that keeps what it was asked, and is told how to misbehave.

Beside the cloud's API it has `GET /_requests`, all requests so far, and `POST /_control`, whose JSON object is kept in
`controls`. It ends when its standard input does, and its machines with it.
"""

import http.server
import json
import sys
import threading
import time
import urllib.parse


class Answer(Exception):
    """Ends the work on a request with this answer."""

    def __init__(self, status, body=None, headers=None):
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers or {}


class Lost(Exception):
    """Ends the work on a request with the end of its connection."""


class Request:
    def __init__(self, method, target, headers, body):
        parts = urllib.parse.urlsplit(target)
        self.method = method
        self.path = parts.path
        self.query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        self.target = target
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)


class FakeCloud:
    """Derived classes have `handle(request)`, which returns or raises an Answer or raises Lost, and `close()`."""

    def __init__(self, port=0):
        self.requests = []
        self.controls = {}
        self.lock = threading.RLock()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.close()

    def take(self, name):
        """Whether one more of what was ordered in this number is due."""
        with self.lock:
            left = self.controls.get(name, 0)
            self.controls[name] = max(0, left - 1)
            return left > 0

    def answer(self, request):
        with self.lock:
            if request.path == "/_requests":
                return Answer(200, self.requests)
            if request.path == "/_control":
                self.controls.update(request.json())
                return Answer(204)
            self.requests.append(
                {
                    "method": request.method,
                    "path": request.path,
                    "query": request.query,
                    "type": request.headers.get("Content-Type"),
                    "body": request.body,
                }
            )
        time.sleep(self.controls.get("slow", 0))
        try:
            return self.handle(request)
        except Answer as answer:
            return answer

    def _handler(cloud):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def work(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode()
                try:
                    answer = cloud.answer(Request(self.command, self.path, self.headers, body))
                except Lost:
                    self.close_connection = True
                    return
                data = b""
                self.send_response(answer.status)
                if isinstance(answer.body, str):
                    data = answer.body.encode()
                elif answer.body is not None:
                    data = json.dumps(answer.body).encode()
                    self.send_header("Content-Type", "application/json")
                for name, value in answer.headers.items():
                    self.send_header(name, str(value))
                if answer.status != 204:
                    self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_DELETE = do_PUT = work

            def log_message(self, *_):
                pass

        return Handler


def main(cloud):
    """Runs a fake cloud as a program: its URL is the first line that it prints."""
    print(cloud.url, flush=True)
    sys.stdin.read()
    cloud.stop()
