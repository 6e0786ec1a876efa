"""What the SDK sends, compared byte for byte with what the published Python clients send for the same call."""

import pathlib

from peers import HOST_ID, PYTHON_ENV, TOKEN, Recorder, TestCase, main, run_calls

OLDEST = "0.0.1"
NEWEST = "0.5.1"

ENV = {
    "PLAIN": "value",
    "EMPTY": "",
    "QUOTED": "a \"b\" \\c/ 'd'",
    "LINES": "one\ntwo\r\n\ttab",
    "CONTROL": "\b\f\x01\x1f\x7f",
    "BEYOND_ASCII": "grün – 日本 – 😀 \u2028",
    "_9": "<&>",
}
UPPER_CASE_ID = HOST_ID.upper()
URN = "urn:uuid:" + HOST_ID
EXPIRES_AT = "2031-01-02T03:04:05+00:00"

# Every operation of the contract, in every form that changes what is sent.
CALLS = {
    "create_host": [
        {},
        {"image": "ghcr.io/drukbox/sandbox:abc123"},
        {"env": ENV},
        {"expires_at": EXPIRES_AT},
        {"expires_at": "2031-01-02T03:04:05.000600+00:00"},
        {"idempotency_key": "agent-run:42_a.B"},
        {"idempotency_key": "k", "image": "i", "env": {"B": "2", "A": "1"}, "expires_at": EXPIRES_AT},
        {"permanent": True},
        {"provider": "hetzner"},
        {"instance_type": "cx23"},
        {"disk_gb": 80},
        {
            "image": "i",
            "env": {"A": "1"},
            "expires_at": EXPIRES_AT,
            "idempotency_key": "k",
            "provider": "aws",
            "instance_type": "t3.medium",
            "disk_gb": 1,
        },
    ],
    "get_host": [{"host_id": HOST_ID}, {"host_id": UPPER_CASE_ID}, {"host_id": URN}],
    "attach": [{"host_id": HOST_ID}],
    "list_hosts": [{}],
    "renew_host": [{"host_id": HOST_ID}, {"host_id": URN}, {"host_id": HOST_ID, "expires_at": EXPIRES_AT}],
    "delete_host": [{"host_id": HOST_ID}, {"host_id": URN}],
    "doctor": [{}],
    "create_http_proxy": [
        {"name": "git-hub_x.1", "target": "https://api.example.com:8443/", "headers": {"Authorization": "Bearer s"}},
        {"name": "p", "target": "http://grün.example", "headers": {"X-B": "\"ü\"", "X-A": "", "x-c": "1"}},
    ],
    "delete_http_proxy": [{"name": "git-hub_x.1"}],
    "attach_http_proxy": [{"name": "git-hub_x.1", "host_id": HOST_ID}],
    "detach_http_proxy": [{"name": "git-hub_x.1", "host_id": URN}],
}
OPERATIONS = CALLS.keys()

# What the oldest client does not have yet. All else it sends as the newest does.
LATER_OPERATIONS = {
    "attach_http_proxy",
    "create_http_proxy",
    "delete_http_proxy",
    "detach_http_proxy",
    "doctor",
    "renew_host",
}
LATER_PARAMETERS = {"disk_gb", "instance_type", "permanent", "provider"}

# What the newest client has for services that do more than the contract says.
BEYOND_OPERATIONS = {
    "create_service_account",
    "create_template",
    "delete_template",
    "get_template",
    "list_templates",
    "refresh_secret",
    "remove_service_account",
}
BEYOND_PARAMETERS = {"secrets", "template"}

# The headers that must be the same, present or not.
COMPARED = ("Host", "Authorization", "Accept", "Content-Type", "Content-Length", "Idempotency-Key")
# What a client may send besides: its name, and what its HTTP library can do.
OF_THE_LIBRARY = {"user-agent", "accept-encoding", "connection"}


def calls_of(*operations):
    return [{"operation": operation, **form} for operation in operations for form in CALLS[operation]]


def is_known_to_the_oldest(call):
    return call["operation"] not in LATER_OPERATIONS and not LATER_PARAMETERS & call.keys()


def essence(request):
    return {
        "method": request.method,
        "target": request.target,
        "body": request.body,
        **{name: request.header(name) for name in COMPARED},
    }


class PythonClientTest(TestCase):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.recorder = self.started(Recorder)

    def python(self, version, calls):
        directory = PYTHON_ENV / "clients" / f"drukbox-python-sdk-{version}"
        if not directory.is_dir():
            self.fail(f"{directory} is missing: run script/python-env")
        command = [str(PYTHON_ENV / "bin/python"), str(pathlib.Path(__file__).with_name("python_calls.py"))]
        config = {"base_url": self.recorder.url, "token": TOKEN}
        return run_calls(command, config, calls, {"PYTHONPATH": str(directory)})

    def sent(self, outcomes, calls):
        for outcome, call in zip(outcomes, calls, strict=True):
            self.assertIn("result", outcome, call)
        requests = self.recorder.take()
        self.assertEqual(len(requests), len(calls))
        return requests

    def compare(self, version, calls):
        ours = self.sent(self.sdk(self.recorder.url, calls), calls)
        theirs = self.sent(self.python(version, calls), calls)
        for call, our, their in zip(calls, ours, theirs, strict=True):
            with self.subTest(call):
                self.assertEqual(essence(our), essence(their))
                for request in (our, their):
                    names = {name.lower() for name, _ in request.headers}
                    self.assertLessEqual(names - {name.lower() for name in COMPARED}, OF_THE_LIBRARY)

    def test_sends_what_the_newest_client_sends(self):
        self.compare(NEWEST, calls_of(*OPERATIONS))

    def test_sends_what_the_oldest_client_sends(self):
        self.compare(OLDEST, [call for call in calls_of(*OPERATIONS) if is_known_to_the_oldest(call)])

    def test_the_oldest_client_lacks_what_is_named_and_no_more(self):
        oldest, newest = (
            self.python(version, [{"operation": "describe"}])[0]["result"] for version in (OLDEST, NEWEST)
        )
        self.assertEqual(newest.keys() - oldest.keys(), LATER_OPERATIONS | BEYOND_OPERATIONS)
        for operation in oldest.keys():
            added = set(newest[operation]) - set(oldest[operation])
            expected = LATER_PARAMETERS | BEYOND_PARAMETERS if operation == "create_host" else set()
            self.assertEqual(added, expected, operation)

    def test_the_newest_client_has_the_contract_and_what_is_named_beyond_it(self):
        newest = self.python(NEWEST, [{"operation": "describe"}])[0]["result"]
        self.assertEqual(newest.keys(), OPERATIONS | BEYOND_OPERATIONS | {"aclose"})


if __name__ == "__main__":
    main()
