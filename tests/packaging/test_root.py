"""A machine to install packages in: a root file system of its own, and its own processes, but this machine's network."""

import pathlib
import shutil
import subprocess
import tempfile

# Becomes the first process of the root in $1, which is left with it: `sleep` is all that happens in there by itself,
# and the shell waits so that what ends is reaped.
BOOT = r"""
set -e
mount --bind "$1" "$1"
cd "$1"
mkdir -p proc sys dev run tmp
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mkdir run/old
pivot_root . run/old
umount -l run/old
echo ready
sleep infinity &
while :; do wait || true; done
"""


class TestRoot:
    """With `tree`, a directory with a root file system; else a copy of this machine's that is written on the side."""

    def __init__(self, tree=None):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="drukbox-root-"))
        script = BOOT
        if tree is None:
            tree = self.work / "root"
            layers = [self.work / "side" / name for name in ("upper", "work")]
            (self.work / "side").mkdir()
            tree.mkdir()
            mounts = (
                f"mount -t tmpfs tmpfs {self.work}/side && mkdir {layers[0]} {layers[1]} && "
                f"mount -t overlay overlay -o lowerdir=/,upperdir={layers[0]},workdir={layers[1]} {tree}\n"
            )
            script = mounts + BOOT
        self.boot = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private",
             "bash", "-c", script, "boot", str(tree)],
            stdout=subprocess.PIPE, text=True)  # fmt: skip
        if self.boot.stdout.readline() != "ready\n":
            raise RuntimeError("the test root did not start")
        children = pathlib.Path(f"/proc/{self.boot.pid}/task/{self.boot.pid}/children").read_text()
        self.first = children.split()[0]

    def command(self, *words):
        return ["nsenter", "--target", self.first, "--mount", "--pid", "--root", "--wd", *words]

    def environment(self):
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LANG": "C.UTF-8"}

    def run(self, *words, expect=0, **more):
        done = subprocess.run(
            self.command(*words),
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **more,
        )
        if expect is not None and done.returncode != expect:
            raise AssertionError(f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def start(self, *words, **more):
        return subprocess.Popen(self.command(*words), env=self.environment(), text=True, **more)

    def path(self, absolute):
        """A path in the root, as this process sees it."""
        return pathlib.Path(f"/proc/{self.first}/root{absolute}")

    def copy_in(self, source, absolute):
        shutil.copy(source, self.path(absolute))

    def end(self):
        """Ends everything in it, and forgets what was written."""
        self.boot.kill()
        self.boot.wait()
        self.boot.stdout.close()
        # Mounts and processes went with the first process; what was a mount point is empty.
        subprocess.run(["rm", "-rf", "--one-file-system", str(self.work)], check=False)
