"""`xinyin seal compromised` and `xinyin seal reseal`, from the terminal."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from cli.demo_world import demo_types
from tests.cli.conftest import DemoHome

SEAL = next(one.seal_id for one in demo_types() if one.licence_type.slug == "food-operation")
BASIS = ("--basis", "令牌失窃")


@pytest.fixture
def began(seal: x509.Certificate) -> str:
    """When the seal's certificate began, so that nothing is proven to be from before."""
    return seal.not_valid_before_utc.isoformat()


def test_in_one_step(own: DemoHome, began: str, tmp_path: Path) -> None:
    path, out = own.path("in_force"), tmp_path / "resealed"
    step = ("seal", "compromised", SEAL, "--since", began, *BASIS, "--yes")
    preview = own.run(*step, "--dry-run", "--json").records
    assert len(preview) == 2
    assert all(one["leaves_force"] and one["state"] == "IN_FORCE" for one in preview)
    assert own.run("verify", path).code == 0
    ran = own.run(*step, "--reseal", "--out", out, "--json")
    assert ran.code == 0, ran.err
    judged, resealed = ran.records[:2], ran.records[2:]
    assert [one["identifier"] for one in judged] == [one["identifier"] for one in preview]
    assert {one["state"] for one in judged} == {"SUSPENDED"}
    assert {one["identifier"] for one in resealed} == {one["identifier"] for one in judged}
    assert own.run("verify", path).code == 13
    assert sorted(one.stem for one in out.iterdir()) == sorted(
        one["resealed_as"] for one in resealed
    )
    assert [own.run("verify", one).code for one in out.iterdir()] == [0, 0]
    identifier = own.document("in_force")["identifier"]
    shown = own.run("licence", "show", identifier, "--json").json
    assert (shown["state"], shown["reason"]) == ("REPLACED", "RESEALED")
    assert shown["replaced_by"] in [one["resealed_as"] for one in resealed]
    assert own.run("seal", "compromised", SEAL, "--resume").code == 2, "it is finished"


def test_sealing_anew_later(own: DemoHome, began: str, tmp_path: Path) -> None:
    ran = own.run("seal", "compromised", SEAL, "--since", began, *BASIS, "--yes")
    assert ran.code == 0
    assert "xinyin seal reseal" in ran.err
    answer = own.run("verify", own.path("in_force"), "--json")
    assert answer.code == 13
    assert answer.json["licence"]["reason"] == "SEAL_COMPROMISED"
    reinstate = own.run("licence", "reinstate", answer.json["licence"]["identifier"], *BASIS)
    assert reinstate.code == 2
    again = own.run("seal", "reseal", SEAL, *BASIS, "--out", tmp_path / "new", "--json")
    assert (again.code, len(again.records)) == (0, 2)
    assert own.run("seal", "reseal", SEAL, *BASIS, "--json").records == []


def test_what_another_key_of_the_seal_sealed_is_pointed_out(own: DemoHome) -> None:
    assert own.run("seal", "renew", SEAL).code == 0
    since = datetime.now(UTC).isoformat()
    ran = own.run("seal", "compromised", SEAL, "--since", since, "--dry-run", "--json")
    assert {one["finding"] for one in ran.records} == {"OTHER_KEY"}
    assert "--certificate" in ran.err


def test_what_a_timestamp_proves_stays(own: DemoHome) -> None:
    time.sleep(1.1)  # a timestamp may be off by a second
    since = datetime.now(UTC) - timedelta(milliseconds=1)
    ran = own.run(
        "seal", "compromised", SEAL, "--since", since.isoformat(), *BASIS, "--yes", "--json"
    )
    assert [one["finding"] for one in ran.records] == ["PROVEN"] * 2, ran.err
    answer = own.run("verify", own.path("in_force"), "--json")
    assert answer.code == 0
    assert answer.json["signatures"][0]["indication"] == "TOTAL-PASSED"


def test_what_is_missing_or_impossible_is_refused_before_anything_changes(
    own: DemoHome, began: str
) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for arguments in (
        (SEAL, "--since", began),
        (SEAL, *BASIS),
        (SEAL, "--since", tomorrow, *BASIS),
        (SEAL, "--since", "2020-01-01", *BASIS),
        (SEAL, "--resume"),
        ("nobody", "--since", began, *BASIS),
        (SEAL, "--since", began, *BASIS, "--certificate", "lanyue-disabled"),
    ):
        ran = own.run("seal", "compromised", *arguments, "--yes")
        assert (ran.code, ran.out) == (2, ""), arguments
    assert own.run("verify", own.path("in_force")).code == 0
    listed = own.run("ca", "list", "--json").records
    assert {one["state"] for one in listed} == {"ISSUED"}
