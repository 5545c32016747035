"""The main job with every key on a token: the home holds no private key; all else is the same."""

import subprocess
import time
from pathlib import Path

import httpx2
import pytest

from tests.ca.timestamps.test_tsa import query
from tests.cli.commands import Ran, xinyin_process
from tests.cli.conftest import DemoHome
from tests.cli.test_serve import serving, wait_until_ready
from tests.softhsm import PIN, SoftHsm, SoftToken


@pytest.fixture(scope="module")
def made(softhsm: SoftHsm, tmp_path_factory: pytest.TempPathFactory) -> tuple[SoftToken, Ran]:
    """A demo on a fresh token, run as a process of its own."""
    token = softhsm.token()
    home = tmp_path_factory.mktemp("token-demo") / "home"
    ran = xinyin_process("demo", "--home", home, "--keys", token.uri(), "--count", "2", "--json")
    assert ran.code == 0, ran.err
    return token, ran


@pytest.fixture
def home(made: tuple[SoftToken, Ran]) -> DemoHome:
    return DemoHome(Path(made[1].json["home"]), made[1].json)


def test_every_outcome_is_the_expected_one(home: DemoHome) -> None:
    outcomes = {one["outcome"] for one in home.report["documents"]}
    assert outcomes == {"in_force", "not_in_force", "altered"}
    assert all(one["outcome"] == one["expected"] for one in home.report["documents"])


def test_no_private_key_is_in_the_home_or_beside_it(home: DemoHome) -> None:
    assert [one.name for one in home.directory.parent.iterdir()] == ["home"]
    for path in home.directory.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"PRIVATE KEY" not in content
            assert PIN.encode() not in content


def test_all_keys_are_on_the_token_and_cannot_leave(
    home: DemoHome, made: tuple[SoftToken, Ran]
) -> None:
    token = made[0]
    keys = home.run("key", "list", "--json").records
    assert {"root", "issuing-1", "tsa-1"} < {one["key"] for one in keys}
    assert all(token.label in one["where"] for one in keys)
    assert {one["finding"] for one in keys} == {"agreed"}
    listed = token.tool("--list-objects", "--type", "privkey").split("Private Key Object")[1:]
    assert len(listed) == len(keys)
    for one in listed:
        assert "never extractable" in one
        assert "always sensitive" in one


def test_pdfsig_believes_a_document(home: DemoHome) -> None:
    said = subprocess.run(
        ["pdfsig", "-nocert", home.path("in_force")], capture_output=True, text=True, check=False
    )
    assert "Signature is Valid" in said.stdout
    assert "Total document signed" in said.stdout


def test_a_second_home_on_the_same_token_has_keys_of_its_own(
    home: DemoHome, made: tuple[SoftToken, Ran], tmp_path: Path
) -> None:
    token = made[0]
    ran = xinyin_process(
        "demo", "--home", tmp_path / "home", "--keys", token.uri(pin_source=False), "--count", "1",
        "--passphrase-file", token.pin_file,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    other = DemoHome(tmp_path / "home", {}).run("key", "list", "--json").records
    before = home.run("key", "list", "--json").records
    spkis = [{one["spki_sha256"] for one in records} for records in (other, before)]
    assert spkis[0].isdisjoint(spkis[1])


@pytest.mark.parametrize("role", ["all", "trust", "issuing", "ca"])
def test_while_the_token_is_away_the_numbers_stay_and_it_is_not_ready(
    home: DemoHome, made: tuple[SoftToken, Ran], role: str
) -> None:
    token = made[0]
    with serving(home.directory, "--role", role) as (url, _):
        wait_until_ready(url)
        assert "xinyin_reachable_keys{" in httpx2.get(f"{url}/metrics").text
        with token.away():
            deadline = time.monotonic() + 30
            while httpx2.get(f"{url}/readyz", timeout=30).status_code != 503:
                assert time.monotonic() < deadline
                time.sleep(0.3)
            counted = httpx2.get(f"{url}/metrics", timeout=30)
            assert counted.status_code == 200
            assert "xinyin_duties_total" in counted.text
            assert "xinyin_reachable_keys{" not in counted.text
        wait_until_ready(url)


def test_no_library_of_a_token_is_loaded_before_workers_are_forked(home: DemoHome) -> None:
    """A session belongs to the process that opened it (PKCS#11 6.6.1)."""
    with serving(home.directory, "--role", "trust", "--workers", "2") as (url, process):
        wait_until_ready(url, workers=2)
        assert "libsofthsm2" not in Path(f"/proc/{process.pid}/maps").read_text()
        for _ in range(8):
            answer = httpx2.post(f"{url}/pki/tsa", content=query(), timeout=30)
            assert answer.content[:9].hex().startswith("3082"), "a token, not a refusal"
