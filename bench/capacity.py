"""`make capacity`: what each request and licence costs, for the operator's guide.

Seconds of CPU of the service and all its processes are counted, not time, so that what else runs
on the machine matters little; what one core does in a second follows. Memory is private memory.
"""

import base64
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from bench.serving.soak import COMMAND, descendants, memory, serving
from tests.ca.timestamps.test_tsa import query

FEW, MANY = 20, 120
_TICKS = os.sysconf("SC_CLK_TCK")
Ask = Callable[[httpx2.Client, int], httpx2.Response]


def main() -> None:
    """Measure and print lines of JSON."""
    with tempfile.TemporaryDirectory(prefix="xinyin-capacity-") as name:
        few, many = Path(name) / "few", Path(name) / "many"
        costs = [_demo(few, FEW), _demo(many, MANY)]
        licences = MANY - FEW
        _say("grant and verify", licences / (costs[1][0] - costs[0][0]), "a second and core")
        for part in ("objects", "registry.db", "journal"):
            grown = _bytes(many / part) - _bytes(few / part)
            _say(f"disk, {part}", grown / licences, "bytes a licence")
        report = costs[1][1]
        for role in ("all", "verify", "trust", "issuing", "ca"):
            with serving(many, 1, "--role", role) as (url, pid):
                _wait(url)
                _say(f"memory, {role}, at rest", sum(memory(pid).values()), "MiB")
                if role == "all":
                    _requests(url, pid, report, many)
                    _say("memory, all, after load", sum(memory(pid).values()), "MiB")


def _demo(home: Path, count: int) -> tuple[float, dict[str, Any]]:
    """Return the seconds of CPU that a demo took, and its report."""
    before = os.times()
    ran = subprocess.run(
        [COMMAND, "demo", "--home", home, "--count", str(count), "--json"],
        check=True,
        capture_output=True,
    )
    after = os.times()
    used = after.children_user + after.children_system
    return used - before.children_user - before.children_system, json.loads(ran.stdout)


def _requests(url: str, pid: int, report: dict[str, Any], home: Path) -> None:
    documents = report["documents"]
    held = [Path(one["path"]) for one in documents if one["outcome"] == "in_force"]
    altered = next(Path(one["path"]) for one in documents if one["outcome"] == "altered")
    seal, issuer = _certificates(home)
    known = base64.b64encode(_status(seal, issuer)).decode().replace("/", "%2F")
    stamp = query()

    def file(path: Path, salt: bytes = b"") -> dict[str, tuple[str, bytes]]:
        return {"file": ("a.pdf", path.read_bytes() + salt)}

    code = {"code": documents[0]["number"]}
    asked: list[tuple[str, int, Ask]] = [
        ("OCSP, signed ahead", 2000, lambda c, _: c.get(f"/pki/ocsp/{known}")),
        (
            "OCSP, with a nonce",
            300,
            lambda c, n: c.post("/pki/ocsp", content=_status(seal, issuer, n.to_bytes(16))),
        ),
        ("timestamp", 150, lambda c, _: c.post("/pki/tsa", content=stamp)),
        ("CRL", 100, lambda c, _: c.get("/pki/issuing-1.crl")),
        ("look-up", 500, lambda c, _: c.post("/v1/verifications/code", json=code)),
        (
            "registered file",
            200,
            lambda c, n: c.post("/v1/verifications", files=file(held[n % len(held)])),
        ),
        (
            "altered file",
            60,
            lambda c, n: c.post("/v1/verifications", files=file(altered, b"%d" % n)),
        ),
    ]
    with httpx2.Client(base_url=url, timeout=60) as client:
        for name, count, ask in asked:
            ask(client, 0).raise_for_status()
            before = _cpu(pid)
            for number in range(count):
                response = ask(client, number)
                assert response.status_code == 200, (name, response.text)
            _say(name, count / (_cpu(pid) - before), "a second and core")


def _certificates(home: Path) -> tuple[x509.Certificate, x509.Certificate]:
    """Return a seal's certificate and that of its issuer."""
    with tempfile.TemporaryDirectory() as name:
        seal, issuer = Path(name) / "seal.pem", Path(name) / "issuing-1.pem"
        _run("ca", "export", name, "--home", home)
        listed = _run("ca", "list", "--profile", "seal", "--json", "--home", home)
        serial = json.loads(listed.splitlines()[0])["serial"]
        _run("ca", "export", "--serial", serial, "--out", seal, "--home", home)
        one, other = (x509.load_pem_x509_certificate(path.read_bytes()) for path in (seal, issuer))
        return one, other


def _run(*arguments: str | Path) -> str:
    return subprocess.run(
        [COMMAND, *arguments], check=True, capture_output=True, text=True, timeout=120
    ).stdout


def _status(seal: x509.Certificate, issuer: x509.Certificate, nonce: bytes = b"") -> bytes:
    builder = ocsp.OCSPRequestBuilder().add_certificate(seal, issuer, SHA256())
    if nonce:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def _wait(url: str) -> None:
    with httpx2.Client(base_url=url, timeout=60) as client:
        while client.get("/readyz").status_code != 200:
            pass


def _cpu(parent: int) -> float:
    """Return the seconds of CPU of a process and all below it, those that ended too."""
    ticks = 0
    for pid in (parent, *descendants(parent)):
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        ticks += sum(int(one) for one in fields[11:15])
    return ticks / _TICKS


def _bytes(path: Path) -> int:
    files: Iterator[Path] = path.rglob("*") if path.is_dir() else iter([path])
    return sum(one.stat().st_size for one in files if one.is_file())


def _say(name: str, value: float, unit: str) -> None:
    print(json.dumps({"name": name, "value": round(value, 1), "unit": unit}), flush=True)


if __name__ == "__main__":
    main()
