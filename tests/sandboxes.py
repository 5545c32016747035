"""One sandbox for all homes and commands of this process, not one for each that judges a file.

A worker takes most of a second of CPU to start. What it may and how it ends is tried where that
is the point (`tests/signing/test_sandbox.py`), and by services in processes of their own.
"""

import atexit
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from types import TracebackType
from typing import Self

import pytest

import cli.licences.verify_command
import home.base
from signing.limits import DEFAULT_LIMITS, Limits
from signing.report import ValidationReport
from signing.sandbox import Sandbox
from signing.trust.anchors import TrustMaterial
from signing.workers.confinement import Confinement
from tests.pictures import LentPictures


class LentSandbox:
    """Stands in for `Sandbox` where homes and commands open one."""

    def __init__(
        self,
        workers: int,
        limits: Limits = DEFAULT_LIMITS,
        confinement: Confinement = Confinement.REQUIRE,
    ) -> None:
        del workers, confinement
        self._limits = limits

    @property
    def unfiltered(self) -> str | None:
        """What its worker told."""
        return _kept(self._limits).unfiltered

    def start(self) -> None:
        """Start its worker, if none runs yet."""
        _kept(self._limits).start()

    def validate(self, data: bytes, trust: TrustMaterial, at: datetime) -> ValidationReport:
        """Judge a file, really."""
        return _kept(self._limits).validate(data, trust, at)

    def answers(self) -> bool:
        """Tell whether its worker judges a tiny file."""
        return _kept(self._limits).answers()

    def close(self) -> None:
        """Give it back."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


@cache
def _kept(limits: Limits) -> Sandbox:
    made = Sandbox(workers=1, limits=limits)
    atexit.register(made.close)
    return made


@pytest.fixture(scope="session", autouse=True)
def lent_sandbox() -> Iterator[None]:
    """Lend one, where a `conftest.py` names this."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (home.base, cli.licences.verify_command):
            patch.setattr(module, "Sandbox", LentSandbox)
        patch.setattr("signing.pictures.reader.PictureReader", lambda _: LentPictures())
        yield
