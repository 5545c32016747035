"""The application with a scripted verifier, in process."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from core.web.access_log import AccessLog
from tests.verify_api.world import PUBLIC_URL, ScriptedVerifier, SteppedClock
from verify_api.app import create_app
from verify_api.metrics import Metrics
from verify_api.settings import VerifyApiSettings


@pytest.fixture
def verifier() -> ScriptedVerifier:
    """A verifier that says "in force" until told otherwise."""
    return ScriptedVerifier()


@pytest.fixture
def monotonic() -> SteppedClock:
    """Time for rate limits and latencies."""
    return SteppedClock()


@pytest.fixture
def settings() -> VerifyApiSettings:
    """The defaults."""
    return VerifyApiSettings(public_url=PUBLIC_URL)


@pytest.fixture
def client(
    verifier: ScriptedVerifier, settings: VerifyApiSettings, monotonic: SteppedClock
) -> Iterator[TestClient]:
    """A client of the whole application; errors of ours reach it as answers, never as raises."""
    app = create_app(verifier, settings, ready=lambda: True, metrics=Metrics(), monotonic=monotonic)
    with TestClient(AccessLog(app, monotonic), raise_server_exceptions=False) as client:
        yield client
