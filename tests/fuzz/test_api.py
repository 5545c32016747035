"""Schemathesis reads /openapi.json and asks the running service what nobody would: never a 5xx."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest

from core.web.limits.throttling import Rate
from signing.sandbox import Sandbox
from tests.verify_api.test_server import running
from tests.world import PUBLIC_URL, copy_world, shared_template
from verify_api.settings import VerifyApiSettings

EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "15")
SEED = os.environ.get("FUZZ_SEED", "20260302")
ENOUGH = Rate(burst=10**9, per_minute=10**9)
CHECKS = ("not_a_server_error",)


def _unlimited() -> VerifyApiSettings:
    """Settings whose rates are never reached, since a 429 says nothing of what lies behind it."""
    settings = VerifyApiSettings(public_url=PUBLIC_URL)
    rates = (one.name for one in fields(settings) if isinstance(getattr(settings, one.name), Rate))
    return replace(settings, **dict.fromkeys(rates, ENOUGH))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real verifier with registered licences behind a real server."""
    template = shared_template(tmp_path_factory)
    directory = tmp_path_factory.mktemp("served")
    with (
        Sandbox(workers=1) as sandbox,
        copy_world(template, directory, sandbox=sandbox) as world,
    ):
        world.grant()
        with running(_unlimited(), world.home.verifier) as (host, port):  # type: ignore[arg-type]
            yield f"http://{host}:{port}"


def test_no_request_makes_the_service_fail(service: str, tmp_path: Path) -> None:
    schemathesis = Path(sys.executable).parent / "schemathesis"
    said = subprocess.run(
        [
            schemathesis, "run", f"{service}/openapi.json", "--checks", ",".join(CHECKS),
            "--max-examples", EXAMPLES, "--seed", SEED, "--generation-deterministic",
            "--phases", "examples,coverage,fuzzing", "--workers", "1", "--no-color",
            "--suppress-health-check", "all", "--warnings", "off", "--request-timeout", "30",
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=None if "FUZZ_EXAMPLES" in os.environ else 100,
        check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr
    assert "No issues found" in said.stdout, said.stdout
