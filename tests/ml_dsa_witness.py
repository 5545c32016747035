"""An implementation of ML-DSA that is not ours: @noble/post-quantum, in Node (tests/witness)."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

_DIRECTORY = Path(__file__).parent / "witness"


def is_valid(kind: str, *files: Path) -> str | None:
    """Return the algorithm of a valid signature, None for one that is not.

    `kind` and files are those of tests/witness/verify.mjs.
    """
    if shutil.which("node") is None or not (_DIRECTORY / "node_modules").is_dir():
        pytest.skip("the witness is not installed: make npm")
    run = subprocess.run(
        ["node", _DIRECTORY / "verify.mjs", kind, *files],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if not run.stdout:
        return None
    answer = json.loads(run.stdout)
    assert (run.returncode == 0) == answer["valid"]
    algorithm: str = answer["algorithm"]
    return algorithm if answer["valid"] else None
