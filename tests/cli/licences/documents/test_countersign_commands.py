"""`xinyin document countersign` and what goes with it: whose seal, refused with a reason, moved."""

from pathlib import Path

from tests.cli.conftest import DemoHome
from tests.cli.licences.documents.test_commands import office
from tests.issuing_api.documents import DOCUMENT_TYPE
from tests.signing.intake.drawings import plain

__all__ = ["office"]
ROUND = """
order = "given"
deadline = 2099-12-31
[[countersigner]]
authority = "lanyue-disabled"
page = 2
keyword = "Seal here"
"""
NAME = "青岚市揽月县残疾人联合会"


def test_a_round_is_gone_through_by_commands(office: DemoHome, tmp_path: Path) -> None:
    made = office.run("type", "add", DOCUMENT_TYPE, "--seal", "lanyue-disabled")
    assert made.code == 0, made.err
    numbers = []
    for nth in (3, 4):
        (tmp_path / "round.toml").write_text(ROUND, "utf-8")
        source = tmp_path / f"{nth}.pdf"
        source.write_bytes(plain(nth))
        signed = office.run(
            *("document", "sign", source, "--type", "official-document", "--authority"),
            *("qinglan-market", "--page", "1", "--keyword", "Seal here", "--countersigners"),
            *(tmp_path / "round.toml", "--out", tmp_path / f"{nth}-1.pdf", "--yes", "--json"),
        )
        assert signed.code == 0, signed.err
        numbers.append(signed.json["number"])
    first, second = numbers
    listed = office.run("document", "awaiting", "--json").records
    assert [one["number"] for one in listed] == numbers
    assert office.run("document", "awaiting", "--authority", "qinglan-market").out == ""
    moved = ("document", "deadline", first, "--reason")
    assert office.run(*moved, " ", "--until", "2099-11-30").code == 2
    assert office.run(*moved, "开会研究", "--until", "30.11.2099").code == 2
    told = office.run(*moved, "开会研究", "--until", "2099-11-30", "--json").json
    assert told["countersigning"]["deadline"] == "2099-11-30"
    seal = ("document", "countersign", first, "--out", tmp_path / "2.pdf", "--force")
    asked = office.run(*seal)
    assert (asked.code, NAME in asked.err) == (2, True), "it says whose seal"
    done = office.run(*seal, "--yes")
    assert (done.code, "in force from now on" in done.err) == (0, True)
    again = office.run(*seal, "--yes")
    assert (again.code, "nothing was sealed now" in again.err) == (0, True), again.err
    refusal = ("document", "refuse", second, "--yes", "--reason")
    for blank in (" ", "\u3000"):
        refused = office.run(*refusal, blank)
        assert (refused.code, "Say why" in refused.err) == (2, True)
    assert office.run("document", "awaiting", "--json").records[0]["number"] == second
    assert office.run(*refusal, "第三条须修改").code == 0
    assert office.run("document", "awaiting", "--json").records == []
