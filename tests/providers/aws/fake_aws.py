"""Amazon's EC2, SSM and STS as moto has them, with what moto leaves out: every signature is recomputed by botocore, and
each machine is a real sshd, whose address stands where moto has invented one.

Runs in build/python-env, which script/python-env makes."""

import base64
import datetime
import itertools
import logging
import os
import pathlib
import re
import sys
import urllib.parse

here = pathlib.Path(__file__).resolve()
python = here.parents[3] / "build/python-env/bin/python"
if pathlib.Path(sys.prefix) != python.parents[1]:
    os.execv(python, [str(python), "-B", *sys.argv])

sys.path.insert(0, str(here.parent.parent))

import requests
import yaml
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.server import ThreadedMotoServer

from fake_cloud import Answer, FakeCloud, main
from vm import Vm

ACCESS_KEY = "AKIAOFTHETEST"
SECRET_KEY = "secret/of+the=test"


def failure(status, code, message):
    return Answer(
        status,
        f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors></Response>",
        {"Content-Type": "text/xml"},
    )


def botocore_signature(request, key, secret, token, scope):
    """What botocore would have put into the Authorization field of this very request."""
    signed = dict(re.findall(r"(\w+)=([^, ]+)", request.headers["Authorization"]))["SignedHeaders"].split(";")
    headers = {name: request.headers[name] for name in signed}
    url = f"http://{request.headers['Host']}{request.target}"
    theirs = AWSRequest(method=request.method, url=url, data=request.body.encode(), headers=headers)
    time = request.headers["X-Amz-Date"]
    theirs.context["timestamp"] = time
    signer = SigV4Auth(Credentials(key, secret, token), scope[2], scope[1])
    to_sign = signer.string_to_sign(theirs, signer.canonical_request(theirs))
    return signer.signature(to_sign, theirs), set(signed)


class FakeAws(FakeCloud):
    """Controls: `throttle`, so many RequestLimitExceeded; `expired`, so many ExpiredToken; `silent`: machines start no
    sshd; `broken`, so many answers of `broken_status` and `broken_body`, to the action `broken_action`; `address`, what
    checkip says.

    `GET /checkip` is checkip, `GET /container` the credentials of a container, `/latest/…` an instance's metadata."""

    def __init__(self, port=0):
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        logging.getLogger("werkzeug").disabled = True
        self.moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.moto.start()
        self.upstream = "http://127.0.0.1:%d" % self.moto.get_host_and_port()[1]
        self.secrets = {ACCESS_KEY: (SECRET_KEY, None)}
        self.key_pairs = {}
        self.machines = {}
        self.tokens = itertools.count(1)
        super().__init__(port)

    def close(self):
        for machine in self.machines.values():
            machine.remove()
        self.moto.stop()

    def handle(self, request):
        if request.path.startswith("/checkip"):
            return Answer(200, self.controls.get("address", "192.0.2.77") + "\n")
        if request.path == "/container":
            return self.container(request)
        if request.path.startswith("/latest/"):
            return self.metadata(request)
        form = dict(urllib.parse.parse_qsl(request.body, keep_blank_values=True))
        action = form.get("Action") or request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if action != "AssumeRoleWithWebIdentity":
            self.check_signature(request)
        if action == self.controls.get("broken_action", action) and self.take("broken"):
            raise Answer(self.controls["broken_status"], self.controls["broken_body"])
        if self.take("throttle"):
            raise failure(503, "RequestLimitExceeded", "Request limit exceeded.")
        if self.take("expired"):
            raise failure(400, "ExpiredToken", "The security token included in the request is expired")
        return getattr(self, action, self.pass_on)(request, form)

    def check_signature(self, request):
        given = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request,\s*SignedHeaders=([a-z0-9;-]+),"
            r"\s*Signature=([0-9a-f]{64})",
            request.headers.get("Authorization", ""),
        )
        if not given:
            raise failure(401, "AuthFailure", "no signature")
        key, day, region, service, _, signature = given.groups()
        if key not in self.secrets:
            raise failure(401, "AuthFailure", "unknown access key")
        secret, token = self.secrets[key]
        expected, signed = botocore_signature(request, key, secret, token, (day, region, service))
        if signature != expected:
            raise failure(403, "SignatureDoesNotMatch", "botocore computes another signature")
        needed = {"host", "x-amz-date", "content-type"} | ({"x-amz-security-token"} if token else set())
        if not needed <= signed:
            raise failure(403, "SignatureDoesNotMatch", f"not signed: {needed - signed}")
        if request.headers.get("X-Amz-Security-Token") != token:
            raise failure(403, "InvalidClientTokenId", "the session token is another")
        now = datetime.datetime.now(datetime.timezone.utc)
        then = datetime.datetime.strptime(request.headers["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
        if abs((now - then).total_seconds()) > 300 or request.headers["X-Amz-Date"][:8] != day:
            raise failure(403, "RequestExpired", "the clock is wrong")

    def pass_on(self, request, _):
        names = ("Authorization", "Content-Type", "X-Amz-Date", "X-Amz-Target", "X-Amz-Security-Token")
        headers = {name: request.headers[name] for name in names if name in request.headers}
        answer = requests.request(
            request.method, self.upstream + request.target, data=request.body.encode(), headers=headers, timeout=60
        )
        return Answer(answer.status_code, self.with_real_addresses(answer.text), {"Content-Type": "text/xml"})

    def with_real_addresses(self, text):
        """An address that moto has invented becomes that of the machine; its name, one that leads nowhere."""

        def real(item):
            machine = self.machines.get(item[1])
            address = machine.address if machine else "127.0.0.1"
            return re.sub(r"<ipAddress>[^<]*<", f"<ipAddress>{address}<", item[0])

        return re.sub(r"<instanceId>(i-[0-9a-f]+)</instanceId>.*?</item>\s*(?=<item>\s*<instanceId>|</instancesSet>)",
                      real, text, flags=re.DOTALL)

    def ImportKeyPair(self, request, form):
        answer = self.pass_on(request, form)
        if answer.status == 200:
            self.key_pairs[form["KeyName"]] = base64.b64decode(form["PublicKeyMaterial"], validate=True).decode()
        return answer

    def RunInstances(self, request, form):
        keys = [self.key_pairs[form["KeyName"]]] if "KeyName" in form else []
        user_data = base64.b64decode(form["UserData"], validate=True).decode()
        answer = self.pass_on(request, form)
        if answer.status == 200 and keys and not self.controls.get("silent"):
            instance = re.search(r"<instanceId>(i-[0-9a-f]+)<", answer.body)[1]
            self.machines[instance] = Vm(keys, user_data, user="ubuntu")
            answer.body = self.with_real_addresses(answer.body)
        return answer

    def TerminateInstances(self, request, form):
        answer = self.pass_on(request, form)
        if answer.status == 200:
            for name, value in form.items():
                if name.startswith("InstanceId.") and value in self.machines:
                    self.machines.pop(value).remove()
        return answer

    def AssumeRole(self, request, form):
        answer = self.pass_on(request, form)
        if answer.status == 200:
            found = {
                name: re.search(f"<{name}>([^<]*)<", answer.body)[1]
                for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")
            }
            self.secrets[found["AccessKeyId"]] = (found["SecretAccessKey"], found["SessionToken"])
        return answer

    AssumeRoleWithWebIdentity = AssumeRole

    def temporary(self):
        """Credentials as containers and instances get them; they live for `lives` seconds."""
        number = next(self.tokens)
        key, secret, token = f"ASIATEMPORARY{number}", f"temporary/secret{number}", f"token+{number}/=="
        self.secrets[key] = (secret, token)
        ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=self.controls.get("lives", 3600))
        return Answer(
            200,
            {
                "Code": "Success",
                "AccessKeyId": key,
                "SecretAccessKey": secret,
                "Token": token,
                "Expiration": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
        )

    def container(self, request):
        if request.headers.get("Authorization") != "door-token":
            raise Answer(401, "no")
        return self.temporary()

    def metadata(self, request):
        if request.path == "/latest/api/token" and request.method == "PUT":
            if not request.headers.get("X-aws-ec2-metadata-token-ttl-seconds"):
                raise Answer(400, "")
            return Answer(200, "session-token")
        if request.headers.get("X-aws-ec2-metadata-token") != "session-token":
            raise Answer(401, "")
        if request.path == "/latest/meta-data/iam/security-credentials/":
            return Answer(200, "role-of-the-test")
        if request.path == "/latest/meta-data/iam/security-credentials/role-of-the-test":
            return self.temporary()
        raise Answer(404, "")


if __name__ == "__main__":
    main(FakeAws())
