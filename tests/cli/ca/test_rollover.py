"""`xinyin ca rollover`: the next issuing CA takes over; licences of before stay what they were."""

from pathlib import Path

import pytest

from ca.issuers import IssuerRecord
from ca.service.trust_metrics import TrustMetrics
from home.roles import trust_parts
from home.wiring import Home
from tests.ca.world import openssl
from tests.cli.conftest import DemoHome
from tests.cli.holders import write_shop
from tests.cli.pdf import embedded_cms, signed_bytes
from tests.clock import StoppedClock


def _issue(home: DemoHome, directory: Path, number: int) -> Path:
    out, data = directory / f"{number}.pdf", write_shop(directory / "a.json", number)
    ran = home.run("licence", "issue", "--type", "food-operation", "--data", data, "--out", out)
    assert ran.code == 0, ran.err
    return out


def _openssl_verifies(pdf: Path, exported: Path, issuer: str, tmp_path: Path) -> None:
    data, content, cms = pdf.read_bytes(), tmp_path / "content", tmp_path / "cms"
    content.write_bytes(signed_bytes(data))
    cms.write_bytes(embedded_cms(data))
    said = openssl(
        "cms", "-verify", "-inform", "DER", "-in", cms, "-binary", "-content", content,
        "-CAfile", exported / "root.pem", "-certfile", exported / f"{issuer}.pem",
        "-out", tmp_path / "out",
    )  # fmt: skip
    assert "successful" in said


def test_licences_sealed_before_between_and_after_verify(own: DemoHome, tmp_path: Path) -> None:
    before = own.path("in_force")
    ran = own.run("ca", "rollover", "--prepare")
    assert (ran.code, ran.out) == (0, ""), ran.err
    assert "ready" in ran.err
    ran = own.run("ca", "rollover", "--yes")
    assert "issuing-2 is in use. issuing-1 issues nothing more" in ran.err
    between = _issue(own, tmp_path, 71)  # by the seal's certificate of before
    seals = [one["seal"] for one in own.run("seal", "list", "--json").records]
    for seal in seals:
        assert own.run("seal", "renew", seal).code == 0
    after = _issue(own, tmp_path, 72)
    exported = tmp_path / "exported"
    assert own.run("ca", "export", exported).code == 0
    for pdf, issuer in ((before, "issuing-1"), (between, "issuing-1"), (after, "issuing-2")):
        assert own.run("verify", pdf).code == 0
        _openssl_verifies(pdf, exported, issuer, tmp_path)
    states = {one["serial"]: one["state"] for one in own.run("ca", "list", "--json").records}
    assert set(states.values()) == {"ISSUED"}
    assert own.run("ca", "crl", "--issuer", "issuing-1").code == 0


@pytest.mark.parametrize("first", ["certificate", "crl"])
def test_a_ca_is_published_by_a_running_service_before_it_is_in_use(
    own: DemoHome, first: str
) -> None:
    """Whichever of the two is asked for first."""
    service = Home(own.directory, {}, clock=StoppedClock())  # for it no time passes
    try:
        published = trust_parts(service, TrustMetrics())
        assert published.certificate("issuing-1")
        assert published.crl("issuing-1")
        assert getattr(published, first)("issuing-2") is None
        assert own.run("ca", "rollover", "--yes").code == 0
        assert getattr(published, first)("issuing-2"), "at once, however lately it looked"
        assert published.certificate("issuing-2")
        assert published.crl("issuing-2")
        assert published.certificate("no-such") is None
        assert published.crl("no-such") is None
    finally:
        service.close()


def test_a_root_and_a_ca_that_nobody_knows_are_named(own: DemoHome, tmp_path: Path) -> None:
    ran = own.run("ca", "rollover", "--root", "rot", "--yes")
    assert (ran.code, "There is no root “rot”" in ran.err) == (2, True), ran.err
    asked = tmp_path / "asked"
    ran = own.run("ca", "request", asked, "--crl", "--revoke", "issuing-9=cACompromise")
    assert (ran.code, "On record are: issuing-1" in ran.err) == (2, True), ran.err
    assert not asked.exists()


def test_who_agrees_second_replaces_nothing_more(
    own: DemoHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two were asked at once; what the second agreed to retire is retired already."""

    def meanwhile(*_: object, **__: object) -> None:
        ran = own.process("ca", "rollover", "--yes")
        assert ran.code == 0, ran.err

    monkeypatch.setattr("cli.ca.rollover_command.confirm", meanwhile)
    second = own.run("ca", "rollover")
    assert second.code == 2
    assert "issuing-1 meanwhile, and issuing-2 is in use now" in second.err
    states = {str(one.issuer): one.state for one in _issuers(own)}
    assert states["issuing-2"] == "ACTIVE"
    assert "issuing-3" not in states


def _issuers(home: DemoHome) -> list[IssuerRecord]:
    with Home(home.directory, {}) as opened:
        return opened.ledger.list_issuers()
