"""`make first-licence`: from an empty directory to the first licence of a type of one's own.

Runs what a new department types, in order, and counts seconds, and guesses: commands that nothing
printed before had named. The first is named by the guide.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RECORD = "record.json"
STEPS: tuple[tuple[str, ...], ...] = (
    (
        "init", "--demo", "--public-url", "http://127.0.0.1:8440", "--pki-url",
        "http://127.0.0.1:8440", "--organization", "青岚市数据局", "--uscc", "11990000MB00990170",
    ),
    (
        "authority", "add", "civil-affairs", "--name", "青岚市民政局", "--uscc",
        "11990000MB00990170", "--level", "city_or_county",
    ),
    ("seal", "add", "civil-affairs", "--authority", "civil-affairs"),
    (
        "type", "init", "--name-zh", "养老机构登记证", "--name-en", "Elderly Care", "--uscc",
        "11990000MB00990170", "--holder", "body", "--field", "床位数,Beds,number,public",
    ),
    ("type", "lint", "elderly-care.toml"),
    ("type", "preview", "elderly-care.toml"),
    ("type", "add", "elderly-care.toml", "--seal", "civil-affairs"),
    ("type", "sample", "elderly-care"),
    ("licence", "issue", "--type", "elderly-care", "--data", RECORD, "--out", "licence.pdf"),
)  # fmt: skip
NEED_PASSPHRASE = frozenset({("init",), ("seal", "add"), ("licence", "issue")})


@dataclass(frozen=True, slots=True)
class Step:
    """One command that was typed."""

    command: str
    seconds: float
    cpu: float
    guessed: bool
    """Nothing that was printed before had named it."""


def name_of(step: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command without its arguments."""
    return step[:1] if step[0] == "init" else step[:2]


def is_told(step: tuple[str, ...], printed: str) -> bool:
    """Tell whether a command was named by what was printed before."""
    return re.search(rf"\bxinyin {' '.join(name_of(step))}\b", printed) is not None


def walk(folder: Path) -> Iterator[Step]:
    """Run all steps in `folder`, which is empty."""
    passphrase = folder / "passphrase"
    passphrase.touch(0o600)
    passphrase.write_text("correct horse battery staple")
    clean = {k: v for k, v in os.environ.items() if not k.startswith("XINYIN_")}
    environment = clean | {"XINYIN_HOME": str(folder / "home")}
    printed = "xinyin init"
    for step in STEPS:
        arguments = list(step)
        if name_of(step) in NEED_PASSPHRASE:
            arguments += ["--passphrase-file", str(passphrase)]
        if step[0] == "init":
            arguments += ["--root-passphrase-file", str(passphrase)]
        before, begun = os.times(), time.monotonic()
        ran = subprocess.run(
            [Path(sys.executable).with_name("xinyin"), *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        seconds, after = time.monotonic() - begun, os.times()
        if name_of(step) == ("type", "sample"):
            (folder / RECORD).write_text(ran.stdout)
        cpu = after.children_user + after.children_system
        cpu -= before.children_user + before.children_system
        yield Step(" ".join(name_of(step)), seconds, cpu, guessed=not is_told(step, printed))
        printed += ran.stdout + ran.stderr


def main() -> None:
    """Print a line for each command, and the sum."""
    with tempfile.TemporaryDirectory() as folder:
        steps = []
        for step in walk(Path(folder)):
            steps.append(step)
            _tell(step.command, step.seconds, step.cpu, "guessed" if step.guessed else "")
        guesses = sum(step.guessed for step in steps)
        _tell(
            f"{len(steps)} commands",
            sum(step.seconds for step in steps),
            sum(step.cpu for step in steps),
            f"{guesses} guessed",
        )


def _tell(what: str, seconds: float, cpu: float, more: str) -> None:
    print(f"{what:<16} {seconds:6.1f} s {cpu:6.1f} s of CPU  {more}".rstrip())


if __name__ == "__main__":
    main()
