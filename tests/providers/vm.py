"""A machine for a fake cloud: a real sshd on port 22 of a loopback address of its own, with an /etc, a /root, a /var/lib
and a process table of its own, which does with its user data what cloud-init does."""

import base64
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

SSHD_CONFIG = """\
ListenAddress {address}:22
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
PidFile none
Subsystem sftp internal-sftp
"""


def unavailable():
    """Why there can be no such machine here; None when there can."""
    if os.geteuid() != 0:
        return "only root can have machines of its own"
    probe = subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True, text=True, check=False)
    return None if probe.returncode == 0 else "no namespaces here: " + probe.stderr.strip()


def free_address():
    while True:
        address = f"127.{random.randrange(64, 250)}.{random.randrange(256)}.{random.randrange(1, 255)}"
        with socket.socket() as probe:
            try:
                probe.bind((address, 22))
                return address
            except OSError:
                continue


class Vm:
    """`programs`: a directory of what its image has in /usr/local/bin."""

    def __init__(self, authorized_keys, user_data, user="root", programs=None):
        self.address = free_address()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="vm-"))
        (self.directory / "boot.json").write_text(
            json.dumps(
                {
                    "address": self.address,
                    "authorized_keys": authorized_keys,
                    "user_data": user_data,
                    "user": user,
                    "programs": programs,
                }
            )
        )
        self.log = open(self.directory / "log", "wb")
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "/usr/bin/python3", __file__, self.directory],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )

    def remove(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.directory, ignore_errors=True)


def run_command(command):
    subprocess.run(command if isinstance(command, list) else ["sh", "-c", command], check=True)


def apply_cloud_config(text):
    """bootcmd, write_files and ssh_keys, as cloud-init does them before sshd starts; returns what it does after."""
    import yaml  # of the system, which not every parent has

    if not text.startswith("#cloud-config\n"):
        raise ValueError("not a #cloud-config")
    config = yaml.safe_load(text)
    unknown = set(config) - {"bootcmd", "write_files", "ssh_keys", "runcmd"}
    if unknown:
        raise ValueError(f"unknown to this machine: {unknown}")
    for command in config.get("bootcmd", []):
        run_command(command)
    for entry in config.get("write_files", []):
        path = pathlib.Path(entry["path"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(entry["content"], validate=True))
        path.chmod(int(entry["permissions"], 8))
    keys = config.get("ssh_keys", {})
    for name, text in keys.items():
        kind, half = name.split("_")
        path = pathlib.Path(f"/etc/ssh/ssh_host_{kind}_key" + (".pub" if half == "public" else ""))
        path.write_text(text)
        path.chmod(0o644 if half == "public" else 0o600)
    if not keys:
        # Of one quick kind: an RSA key takes seconds on a busy machine.
        run_command(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/etc/ssh/ssh_host_ed25519_key"])
    return config.get("runcmd", [])


def boot(directory):
    told = json.loads((directory / "boot.json").read_text())
    for own in ("root", "home", "var-lib", "var-log"):
        (directory / own).mkdir()
    run_command(["cp", "-a", "/etc", str(directory)])
    run_command("mount --make-rprivate /")
    if told["programs"]:
        run_command(["mount", "--bind", told["programs"], "/usr/local/bin"])
    run_command(
        "mount -t proc proc /proc && mount -t tmpfs tmpfs /run && mkdir /run/sshd"
        f" && mount --bind {directory}/root /root && mount --bind {directory}/home /home"
        f" && mount --bind {directory}/var-lib /var/lib && mount --bind {directory}/var-log /var/log"
        f" && mount --bind {directory}/etc /etc"
    )
    # What a machine reads off its network interface.
    pathlib.Path("/run/address").write_text(told["address"])
    shutil.rmtree("/etc/ssh")
    pathlib.Path("/etc/ssh").mkdir()
    pathlib.Path("/etc/ssh/sshd_config").write_text(SSHD_CONFIG.format(address=told["address"]))
    user = told["user"]
    home = pathlib.Path("/root" if user == "root" else f"/home/{user}")
    if user != "root":
        run_command(f"id {user} >/dev/null 2>&1 || useradd --no-create-home --shell /bin/bash {user}")
        home.mkdir()
    run_command(["usermod", "--password", "*", user])
    shutil.copy("/etc/skel/.bashrc", home)
    (home / ".ssh").mkdir(mode=0o700)
    (home / ".ssh/authorized_keys").write_text("".join(key + "\n" for key in told["authorized_keys"]))
    run_command(["chown", "-R", f"{user}:", str(home)])
    home.chmod(0o700)
    later = apply_cloud_config(told["user_data"] or "#cloud-config\n{}")
    sshd = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e"])
    for command in later:
        # A machine whose setup fails goes on without it.
        subprocess.run(command, check=False)
    sys.exit(sshd.wait())


if __name__ == "__main__":
    if sys.argv[1:] == ["--unavailable"]:
        print(unavailable() or "", end="")
    else:
        boot(pathlib.Path(sys.argv[1]))
