#!/usr/bin/env python3
"""Runs the bootstrap script in a root of its own, with a Tailscale that only says what it was told."""

import os
import pathlib
import shutil
import stat
import subprocess
import tempfile
import textwrap
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "src/service/networking/tailscale/bootstrap.sh"

# Each appends its name and arguments to the log. The daemon answers once it has been started.
TAILSCALED = """
    echo "tailscaled $*" >>/tmp/calls/log
    touch /tmp/calls/daemon
"""
TAILSCALE = """
    case $1 in
    status) [ -e /tmp/calls/daemon ]; exit ;;
    up) ;;
    *) exit 1 ;;
    esac
    [ ! -e /tmp/calls/refuse ] || exit 1
    for argument; do
        case $argument in
        --auth-key=file:*)
            echo "key $(cat "${argument#--auth-key=file:}") $(stat -c %a "${argument#--auth-key=file:}")" >>/tmp/calls/log
            argument=--auth-key=file ;;
        esac
        printf '%s ' "$argument"
    done >/tmp/calls/up
    echo "tailscale $(sed 's/ $//' /tmp/calls/up)" >>/tmp/calls/log
"""
# As the real one, it hands on no variable.
SUDO = """
    [ "$1" = -n ] && [ "$2" = -- ] || exit 1
    shift 2
    echo "sudo $1" >>/tmp/calls/sudo
    exec env -i PATH="$PATH" "$@"
"""


@unittest.skipUnless(shutil.which("bwrap"), "needs bubblewrap")
class BootstrapTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)
        for name in ("bin", "calls", "state", "log"):
            (self.root / name).mkdir()
        self.program("tailscale", TAILSCALE)
        self.program("tailscaled", TAILSCALED)
        self.program("sudo", SUDO)

    def program(self, name, text):
        path = self.root / "bin" / name
        path.write_text("#!/bin/sh\n" + textwrap.dedent(text))
        path.chmod(path.stat().st_mode | stat.S_IEXEC)

    def run_script(self, uid=0, **variables):
        environment = {"PATH": "/tmp/bin:/run/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TAILSCALE_AUTHKEY": "tskey-auth-1",
                       "TAILSCALE_HOSTNAME": "sb-1", **variables}
        arguments = ["bwrap", "--unshare-user", "--uid", str(uid), "--gid", str(uid),
                     "--ro-bind", "/", "/", "--dev", "/dev", "--tmpfs", "/run", "--tmpfs", "/tmp",
                     "--bind", self.root / "state", "/var/lib", "--bind", self.root / "log", "/var/log",
                     "--bind", self.root / "calls", "/tmp/calls", "--ro-bind", self.root / "bin", "/tmp/bin",
                     "--ro-bind", SCRIPT, "/tmp/bootstrap.sh", "sh", "/tmp/bootstrap.sh"]
        return subprocess.run([str(argument) for argument in arguments], env=environment, capture_output=True,
                              text=True, timeout=60, check=False)

    def calls(self):
        """What was called, in order; the daemon is started in the background."""
        return sorted((self.root / "calls/log").read_text().splitlines())

    def flag(self):
        return self.root / "state/sandbox/bootstrap.done"

    def check_joined(self, result, options="--advertise-tags=tag:sandbox"):
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.calls(), [
            "key tskey-auth-1 600",
            "tailscale up --auth-key=file --ssh --accept-dns=true --hostname=sb-1 --reset " + options,
            "tailscaled --tun=userspace-networking --state=/var/lib/tailscale/tailscaled.state"])
        self.assertTrue(self.flag().exists())

    def test_joins_the_tailnet_once(self):
        self.check_joined(self.run_script())
        self.check_joined(self.run_script())

    def test_joins_as_a_user_with_passwordless_sudo(self):
        self.check_joined(self.run_script(uid=1000))
        self.assertIn("sudo tailscale", (self.root / "calls/sudo").read_text().splitlines())

    def test_takes_tags_and_login_server_of_the_owner(self):
        self.check_joined(
            self.run_script(TAILSCALE_ADVERTISE_TAGS="tag:a,tag:b", TAILSCALE_LOGIN_SERVER="https://hs.test"),
            "--advertise-tags=tag:a,tag:b --login-server=https://hs.test")

    def test_tries_again_after_a_failure(self):
        refusal = self.root / "calls/refuse"
        refusal.touch()
        self.assertNotEqual(self.run_script().returncode, 0)
        self.assertFalse(self.flag().exists())
        refusal.unlink()
        self.check_joined(self.run_script())

    def test_installs_tailscale_where_there_is_none(self):
        for name in ("tailscale", "tailscaled"):
            (self.root / "bin" / name).rename(self.root / "calls" / name)
        self.program("curl", """
            [ "$4" = https://tailscale.com/install.sh ] || exit 1
            echo 'mkdir -p /run/bin && cp /tmp/calls/tailscale /tmp/calls/tailscaled /run/bin' >"$6"
        """)
        self.check_joined(self.run_script())

    def test_leaves_no_key_behind(self):
        self.program("mktemp", 'f=/tmp/calls/key; : >$f; echo $f')
        self.check_joined(self.run_script())
        self.assertFalse((self.root / "calls/key").exists())


if __name__ == "__main__":
    unittest.main()
