"""The least that a sandbox with SSH can cost: bwrap and sshd with the same isolation, and nothing around them."""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import time

from bench_support import milliseconds

SSHD_CONFIG = """HostKey /etc/host_key
StrictModes no
UsePAM no
UseDNS no
PidFile none
"""


class BareSandboxes:
    """Sandboxes that end with this object. They have one prepared /etc, no limits, no port and no keeper."""

    def __init__(self, home):
        self.etc = pathlib.Path(home) / "bare-etc"
        self.running = []

    def __enter__(self):
        self.etc.mkdir(exist_ok=True)
        files = {
            "passwd": "root:*:0:0:root:/root:/usr/sbin/nologin\nsandbox:*:1000:1000::/home/sandbox:/bin/sh\n",
            "group": "root:*:0:\nsandbox:*:1000:\n",
            "nsswitch.conf": "passwd: files\ngroup: files\n",
            "sshd_config": SSHD_CONFIG,
            "ld.so.cache": pathlib.Path("/etc/ld.so.cache").read_bytes(),
        }
        for name, content in files.items():
            (self.etc / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        if not (self.etc / "host_key").exists():
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", self.etc / "host_key"], check=True
            )
        return self

    def __exit__(self, *_):
        self.end()

    def command(self):
        links = [(f"/{name}", os.readlink(f"/{name}")) for name in ("bin", "sbin", "lib", "lib64")
                 if os.path.islink(f"/{name}")]
        return [
            "bwrap", "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session",
            "--cap-drop", "ALL", "--clearenv", "--uid", "1000", "--gid", "1000", "--as-pid-1", "--ro-bind", "/usr",
            "/usr", *[word for path, target in links for word in ("--symlink", target, path)], "--ro-bind",
            str(self.etc), "/etc", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/run", "--tmpfs",
            "/home/sandbox", "--", "/usr/sbin/sshd", "-i", "-f", "/etc/sshd_config",
        ]

    def start(self, count):
        """As many at the same moment as there are processors for, until each has said its banner. Returns how long
        each took from the beginning of all."""
        command = self.command()
        begin = time.perf_counter()

        def one(_):
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            self.running.append(process)
            if not process.stdout.readline().startswith(b"SSH-2.0-"):
                sys.exit("no SSH banner from a bare sshd")
            return milliseconds(begin)

        with concurrent.futures.ThreadPoolExecutor(2 * os.cpu_count()) as threads:
            return list(threads.map(one, range(count)))

    def end(self):
        for process in self.running:
            process.kill()
        for process in self.running:
            process.stdin.close()
            process.stdout.close()
            process.wait(10)
        self.running.clear()
