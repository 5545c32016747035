"""What each part drags in: a public process must not hold what issues certificates."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module", ["ca.validation.anchors", "ca.service.service", "ca.validation.validation_data"]
)
def test_public_parts_reach_neither_issuing_nor_key_stores(module: str) -> None:
    program = f"import {module}, sys; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    loaded = set(run.stdout.split())
    assert module in loaded
    assert not loaded & {
        "ca.issuing.issue",
        "ca.hierarchy.founding",
        "keys.software",
        "keys.passphrase",
        "pkilint",
    }
