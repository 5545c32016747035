"""Small disks of their own for parts of a home, that can be filled to the brim."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SIZE = 256
"""Mebibytes."""


class Disk:
    """A file system in memory, mounted over a folder whose contents it takes over. Needs root."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        status, aside = folder.stat(), folder.with_name(f"{folder.name}-{secrets.token_hex(4)}")
        folder.rename(aside)
        folder.mkdir(mode=0o700)
        owned = f"size={SIZE}m,mode=0700,uid={status.st_uid},gid={status.st_gid}"
        subprocess.run(["mount", "-t", "tmpfs", "-o", owned, "tmpfs", folder], check=True)
        shutil.copytree(aside, folder, dirs_exist_ok=True, symlinks=True)
        shutil.rmtree(aside)
        self.folder = folder

    @contextmanager
    def full(self, room: int) -> Iterator[None]:
        """Leave room for so many bytes."""
        ballast = self.folder / ".ballast"
        left = os.statvfs(self.folder)
        # Whoever writes meanwhile may take of it: then it is full as well.
        with ballast.open("wb") as file, suppress(OSError):
            os.posix_fallocate(file.fileno(), 0, max(left.f_bavail * left.f_frsize - room, 1))
        try:
            yield
        finally:
            ballast.unlink()

    def unmount(self) -> None:
        """Take it away, with what is on it."""
        subprocess.run(["umount", "-l", self.folder], check=True)
