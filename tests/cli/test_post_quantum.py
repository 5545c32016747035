"""`--algorithms ml-dsa`: the whole main job on post-quantum keys, and no half of it on a token."""

from pathlib import Path

from tests.cli.conftest import INIT
from tests.cli.shell import xinyin
from tests.ml_dsa_witness import is_valid


def test_the_demo_runs_on_ml_dsa_and_the_witness_agrees(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ran = xinyin("demo", "--home", home, "--count", "2", "--algorithms", "ml-dsa", "--json")
    assert ran.code == 0, ran.err
    assert [one["outcome"] for one in ran.json["documents"]] == [
        "in_force",
        "not_in_force",
        "altered",
    ]
    keys = xinyin("key", "list", "--home", home, "--json").records
    ours = [key for key in keys if key["purpose"] != "audit"]
    assert {key["algorithm"] for key in ours} == {"ml-dsa-65", "ml-dsa-87"}
    path = Path(ran.json["documents"][0]["path"])
    answer = xinyin("verify", path, "--home", home, "--json")
    assert (answer.code, answer.json["outcome"]) == (0, "in_force")
    seal = answer.json["signatures"][0]
    assert (seal["level"], seal["indication"]) == ("B-LT", "TOTAL-PASSED")
    assert is_valid("pdf", path) == "ML-DSA-65"


def test_tokens_have_no_ml_dsa(tmp_path: Path) -> None:
    token = ("--keys", "pkcs11:token=x?module-path=/x.so", "--algorithms", "ml-dsa")
    ran = xinyin(*INIT, *token, "--home", tmp_path / "home")
    assert (ran.code, ran.out) == (2, "")
    assert not (tmp_path / "home").exists()
