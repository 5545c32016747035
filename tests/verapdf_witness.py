"""veraPDF, a judge of PDF/A and PDF/UA that is not ours: one JVM for many files
(tests/witness/verapdf).
"""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

_DIRECTORY = Path(__file__).parent / "witness" / "verapdf"
_CLASSES = _DIRECTORY / "classes"
DEADLINE = 240
"""Seconds for all files together."""


def have_verapdf() -> bool:
    """Tell whether `make dss-parts` made it."""
    return shutil.which("java") is not None and (_CLASSES / ".made").exists()


def broken_rules(
    files: Mapping[str, bytes], folder: Path, flavours: str = "3a,ua1"
) -> dict[str, list[str]]:
    """Return what each file breaks of the flavours' rules; of one that keeps them all, nothing."""
    paths = {name: folder / f"{number}.pdf" for number, name in enumerate(files)}
    for name, path in paths.items():
        path.write_bytes(files[name])
    command = [
        "java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m",
        "-cp", f"{_CLASSES}:{_DIRECTORY / 'lib'}/*", "Conformance",
    ]  # fmt: skip
    asked = "".join(f"{path}\t{flavours}\n" for path in paths.values())
    done = subprocess.run(
        command, input=asked, capture_output=True, encoding="utf-8", check=True, timeout=DEADLINE
    )
    answers = done.stdout.splitlines()
    return {
        name: [] if answer == "ok" else answer.split("\t")
        for name, answer in zip(files, answers, strict=True)
    }
