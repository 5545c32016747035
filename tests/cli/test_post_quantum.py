"""`--algorithms ml-dsa`: the whole main job on post-quantum keys, and no half of it on a token."""

import hashlib
from pathlib import Path

from cli.demo_world import examples_directory
from tests.cli.commands import xinyin
from tests.cli.conftest import INIT
from tests.ml_dsa_witness import is_valid

EXAMPLES = examples_directory()


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


def test_an_offline_root_s_ceremony_is_by_ml_dsa_too(
    tmp_path: Path, passphrases: tuple[Path, Path]
) -> None:
    keys, root = passphrases
    home, media = tmp_path / "home", tmp_path / "media"
    own = ("--home", home, "--passphrase-file", keys)
    ran = xinyin(*INIT, *own, "--algorithms", "ml-dsa", "--offline-root", media / "request")
    assert ran.code == 0, ran.err
    digest = hashlib.sha256((media / "request" / "request.json").read_bytes()).hexdigest()
    written = (EXAMPLES / "ceremonies" / "founding.toml").read_text("utf-8")
    written = written.replace("ecdsa-p384", "ml-dsa-87").replace("0" * 64, digest)
    written = written.replace('by = "root"', 'by = "root"\nalgorithm = "ml-dsa-65"')
    (media / "founding.toml").write_text(written, "utf-8")
    offline = ("--root", media / "root", "--root-passphrase-file", root, "--yes")
    ran = xinyin("ca", "ceremony", "run", media / "founding.toml", *offline)
    assert ran.code == 0, ran.err
    made = media / "root" / "ceremonies" / "2026-founding"
    assert is_valid("signed", made / "root.cer", made / "root.cer") == "ML-DSA-87"
    assert is_valid("signed", made / "issuing-1.cer", made / "root.cer") == "ML-DSA-87"
    assert is_valid("signed", made / "root.crl", made / "root.cer") == "ML-DSA-87"
    trusted = hashlib.sha256((made / "root.cer").read_bytes()).hexdigest()
    ran = xinyin("ca", "import", made, "--root-sha256", trusted, *own)
    assert ran.code == 0, ran.err
    listed = xinyin("ca", "list", "--home", home, "--json").records
    assert {one["profile"] for one in listed} >= {"issuing", "ocsp", "tsa"}
