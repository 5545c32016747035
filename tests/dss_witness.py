"""EU DSS, a judge of signed PDFs that is not ours: one JVM for many files (tests/witness/dss)."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.validation.validation_data import ValidationData
from signing.levels import PadesLevel
from tests.signing.sealing.sealing_world import dss_of

_DIRECTORY = Path(__file__).parent / "witness" / "dss"
_CLASSES = _DIRECTORY / "classes"
NOTHING = ValidationData((), (), ())
# The levels in DSS's own words. A store that stands before the signature it leaves out of account
# (see StoreBeforeSeal.java), and so takes B-LT in one revision for B-T.
STOCK = {
    PadesLevel.B_B: ("TOTAL_PASSED", "B"),
    PadesLevel.B_T: ("TOTAL_PASSED", "T"),
    PadesLevel.B_LT: ("TOTAL_PASSED", "T"),
    PadesLevel.B_LTA: ("TOTAL_PASSED", "LTA"),
}


def have_dss() -> bool:
    """Tell whether `make dss-parts` made it."""
    return shutil.which("java") is not None and (_CLASSES / ".made").exists()


@dataclass(frozen=True, slots=True)
class Trust:
    """A folder of trust, as tests/witness/dss/src/Judge.java reads it."""

    folder: Path

    @classmethod
    def make(
        cls, folder: Path, *anchors: x509.Certificate, known: ValidationData = NOTHING
    ) -> "Trust":
        """Write one; `known` is what the judge knows besides what stands in the file."""
        for name, suffix, contents in (
            ("anchors", "cer", [one.public_bytes(Encoding.DER) for one in anchors]),
            ("known", "cer", known.certificates),
            ("known", "ocsp", known.ocsps),
            ("known", "crl", known.crls),
        ):
            place = folder / name
            place.mkdir(parents=True, exist_ok=True)
            for number, content in enumerate(contents):
                (place / f"{number}.{suffix}").write_bytes(content)
        return cls(folder)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What it says of one signature."""

    indication: str
    sub_indication: str | None
    level: str
    detail: dict[str, Any]
    """All of it: errors, warnings, timestamps, changes."""

    @property
    def told(self) -> tuple[str, str]:
        """Indication and level, as a test demands them."""
        return self.indication, self.level


@dataclass(frozen=True, slots=True)
class Judgement:
    """What it says of one file."""

    signatures: tuple[Verdict, ...]
    error: str | None
    """Why it could not judge at all."""
    detached_timestamps: int = 0
    """Document timestamps that belong to no signature."""

    @property
    def only(self) -> Verdict:
        """The verdict on a file with one signature."""
        (verdict,) = self.signatures
        return verdict


class Dss:
    """The judge at work; a context manager. Its JVM has no loaders, so that it asks no network."""

    def __init__(self) -> None:
        path = f"{_CLASSES}:{_DIRECTORY / 'lib'}/*"
        options = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx768m", "-Xss4m")
        self._process = subprocess.Popen(
            ["java", *options, "-Dfile.encoding=UTF-8", "-cp", path, "Judge"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=30)

    def judge(
        self, pdf: Path, trust: Trust, at: datetime | None = None, *, counted: bool = False
    ) -> Judgement:
        """Judge a file, as of a moment.

        `counted`: a document security store counts for a signature that covers it, too.
        """
        moment = (at or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        mode = "counted" if counted else "stock"
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{pdf}\t{trust.folder}\t{moment}\t{mode}\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        verdicts = (
            Verdict(
                one["indication"],
                one["sub_indication"],
                (one["level"] or "").removeprefix("PAdES-BASELINE-"),
                one,
            )
            for one in answer.get("signatures", ())
        )
        stamps = len(answer.get("detached_timestamps", ()))
        return Judgement(tuple(verdicts), answer.get("error"), stamps)


def check_levels(
    dss: Dss,
    sealed: Mapping[PadesLevel, Path],
    root: x509.Certificate,
    folder: Path,
    at: datetime | None = None,
) -> None:
    """Demand TOTAL_PASSED at the level named of a file of each level under this root.

    What B-B and B-T leave to the verifier is taken from the store of the B-LT file, and for stock
    DSS that file's own, which it leaves out of account.
    """
    alone = Trust.make(folder / "alone", root)
    store = dss_of(sealed[PadesLevel.B_LT].read_bytes())
    given = Trust.make(folder / "given", root, known=store)
    for level, told in STOCK.items():
        archived = level is PadesLevel.B_LTA
        stock = dss.judge(sealed[level], alone if archived else given, at).only
        assert stock.told == told, (level, stock.detail)
        assert stock.detail["scopes"] == ["PARTIAL" if archived else "FULL"]
    for level, stamps in ((PadesLevel.B_LT, 1), (PadesLevel.B_LTA, 2)):
        counted = dss.judge(sealed[level], alone, at, counted=True).only
        assert counted.told == ("TOTAL_PASSED", level.removeprefix("B-")), (level, counted.detail)
        assert [one["indication"] for one in counted.detail["timestamps"]] == ["PASSED"] * stamps
        assert counted.detail["errors"] == []
