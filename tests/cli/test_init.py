"""`xinyin init`: a home, made once, finished when cut short, never overwritten."""

import shutil
import stat
from pathlib import Path

import pytest

from core.settings import FILE_NAME
from tests.cli.commands import xinyin
from tests.cli.conftest import INIT, DemoHome
from tests.cli.holders import write_shop


def options(passphrases: tuple[Path, Path]) -> tuple[str | Path, ...]:
    """Return where the passphrases are."""
    keys, root = passphrases
    return ("--passphrase-file", keys, "--root-passphrase-file", root)


def contents(directory: Path) -> dict[str, bytes]:
    """Return what every file holds."""
    return {str(one): one.read_bytes() for one in directory.rglob("*") if one.is_file()}


def test_the_home_has_its_hierarchy_and_operator(bare: DemoHome) -> None:
    listed = bare.run("ca", "list", "--json").records
    assert {one["profile"] for one in listed} >= {"root", "issuing", "ocsp", "tsa"}
    assert {one["state"] for one in listed} == {"ISSUED"}
    events = bare.run("audit", "list", "--json").records
    assert "operator.added" in {one["action"] for one in events}
    keys = bare.run("key", "list", "--json").records
    assert len({one["purpose"] for one in keys}) == len(keys) == 5


def test_nobody_else_may_look_into_it(bare: DemoHome, passphrases: tuple[Path, Path]) -> None:
    assert stat.S_IMODE(bare.directory.stat().st_mode) == 0o700
    secrets = [path.read_bytes().strip() for path in passphrases]
    for path in bare.directory.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not any(secret in data for secret in secrets), path
            assert b"-----BEGIN PRIVATE KEY" not in data


def test_again_changes_nothing_and_other_settings_are_refused(
    bare: DemoHome, passphrases: tuple[Path, Path], tmp_path: Path
) -> None:
    home = DemoHome(tmp_path / "home", {})
    shutil.copytree(bare.directory, home.directory)
    before = contents(home.directory / "keys") | contents(home.directory / "root-keys")
    assert home.run(*INIT, *options(passphrases)).code == 0
    elsewhere = [one.replace("verify.example", "other.example") for one in INIT]
    ran = home.run(*elsewhere, *options(passphrases), env={"XINYIN_LANG": "zh"})
    assert (ran.code, ran.out) == (2, "")
    assert "未作改动" in ran.err
    assert before == contents(home.directory / "keys") | contents(home.directory / "root-keys")
    assert "verify.example" in (home.directory / FILE_NAME).read_text("utf-8")
    assert len(home.run("ca", "list", "--json").records) == 4


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"--public-url": "ftp://x"}, "public_url"),
        ({"--pki-url": "nowhere"}, "pki_url"),
        ({"--keys": "floppy:"}, "uri"),
    ],
)
def test_a_setting_that_cannot_hold_is_named(
    passphrases: tuple[Path, Path], tmp_path: Path, changed: dict[str, str], named: str
) -> None:
    arguments = [*INIT]
    for option, value in changed.items():
        arguments += [option, value]
    ran = xinyin(*arguments, "--home", tmp_path / "home", *options(passphrases))
    assert (ran.code, ran.out) == (2, "")
    assert named in ran.err
    assert not (tmp_path / "home").exists()


def test_a_wrong_credit_code_stops_it(passphrases: tuple[Path, Path], tmp_path: Path) -> None:
    wrong = [one.replace("90170", "90171") for one in INIT]
    ran = xinyin(*wrong, "--home", tmp_path / "home", *options(passphrases))
    assert (ran.code, ran.out) == (2, "")
    assert "--uscc" in ran.err
    assert not (tmp_path / "home").exists()


def test_without_a_passphrase_it_can_be_finished_later(
    passphrases: tuple[Path, Path], tmp_path: Path
) -> None:
    home = DemoHome(tmp_path / "home", {})
    ran = home.run(*INIT)
    assert (ran.code, ran.out) == (2, "")
    assert "--passphrase-file" in ran.err or "--root-passphrase-file" in ran.err
    assert home.run(*INIT, *options(passphrases)).code == 0


def test_from_nothing_to_a_licence(
    bare: DemoHome, passphrases: tuple[Path, Path], tmp_path: Path
) -> None:
    home = DemoHome(tmp_path / "home", {})
    shutil.copytree(bare.directory, home.directory)
    keys = ("--passphrase-file", passphrases[0])
    types = Path(__file__).parents[2] / "examples" / "types"
    body = ("--name", "青岚市市场监督管理局", "--uscc", "11990100MB00990250")
    for command in (
        ("authority", "add", "market", *body, "--level", "city_or_county"),
        ("seal", "add", "food", "--authority", "market", "--name", "食品经营许可专用章", *keys),
        ("type", "add", types / "food-operation.toml", "--seal", "food"),
    ):
        ran = home.run(*command)
        assert (ran.code, ran.out) == (0, ""), ran.err
    again = home.run("authority", "add", "market", *body, "--level", "city_or_county")
    assert again.code == 2
    data, out = write_shop(tmp_path / "a.json", 1), tmp_path / "a.pdf"
    arguments = ("--type", "food-operation", "--data", data, "--out", out, *keys)
    assert home.run("licence", "issue", *arguments).code == 0
    answer = home.run("verify", out, "--json")
    assert (answer.code, answer.json["licence"]["sample"]) == (0, False)
    for group in ("authority", "seal", "type"):
        assert len(home.run(group, "list", "--json").records) == 1


@pytest.mark.parametrize(
    ("option", "address"),
    [
        ("--public-url", "http://127.0.0.1:8440"),
        ("--public-url", "http://localhost"),
        ("--public-url", "http://0.0.0.0"),
        ("--pki-url", "http://127.0.0.1:8440"),
        ("--pki-url", "http://10.1.2.3"),
        ("--pki-url", "http://pki.internal"),
    ],
)
def test_an_address_under_which_no_seal_could_be_made_is_told_at_once(
    tmp_path: Path, option: str, address: str
) -> None:
    ran = xinyin(*INIT, option, address, "--home", tmp_path / "home")
    assert (ran.code, (tmp_path / "home").exists()) == (2, False)
    assert option in ran.err
    assert "--demo" in ran.err


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--public-url", "https://verify.example.gov.cn."),
        ("--public-url", "https://someone@verify.example.gov.cn"),
        ("--public-url", "https://verify.example.gov.cn:99999"),
        ("--public-url", "https://verify.example.gov.cn/" + "a" * 180),
        ("--pki-url", "http://pki.example.gov.cn/a b"),
        ("--pki-url", "http://-pki.example.gov.cn"),
        ("--pki-url", "https://pki.example.gov.cn"),
        ("--organization", "青岚市\n数据局"),
        ("--organization", "青" * 65),
    ],
)
@pytest.mark.parametrize("more", [(), ("--demo",)])
def test_what_no_certificate_could_hold_is_told_before_anything_is_written(
    tmp_path: Path, option: str, value: str, more: tuple[str, ...]
) -> None:
    ran = xinyin(*INIT, option, value, *more, "--home", tmp_path / "home")
    assert (ran.code, (tmp_path / "home").exists()) == (2, False), ran.err
    named = "organization" if option == "--organization" else value
    assert named in ran.err


@pytest.mark.parametrize(
    "address", ["nonsense", "mysql://x/y", "postgresql://x:port/y", "sqlite:registry.db"]
)
def test_an_address_of_no_database_is_told_and_never_repeated(
    shared: DemoHome, tmp_path: Path, address: str
) -> None:
    env = {"XINYIN_DATABASE_URL": address}
    for ran in (
        shared.run("licence", "list", env=env),
        xinyin(*INIT, "--home", tmp_path / "home", env=env),
    ):
        assert (ran.code, "database.url" in ran.err, address in ran.err) == (2, True, False)
    assert not (tmp_path / "home").exists()


def test_a_demo_home_may_have_any_address(tmp_path: Path, passphrases: tuple[Path, Path]) -> None:
    home, (keys, root) = tmp_path / "home", passphrases
    url = "http://127.0.0.1:8440"
    given = ("--passphrase-file", keys, "--home", home)
    addresses = ("--public-url", url, "--pki-url", url, "--demo")
    assert xinyin(*INIT, *addresses, *given, "--root-passphrase-file", root).code == 0
    market = ("--name", "青岚市市场监督管理局", "--uscc", "11990100MB00990250")
    level = ("--level", "city_or_county")
    assert xinyin("authority", "add", "market", *market, *level, "--home", home).code == 0
    ran = xinyin("seal", "add", "food", "--authority", "market", *given)
    assert ran.code == 0, ran.err


def test_a_root_without_a_passphrase_is_told_its_own_options(
    tmp_path: Path, passphrases: tuple[Path, Path]
) -> None:
    home = DemoHome(tmp_path / "home", {})
    ran = home.run(*INIT, "--passphrase-file", passphrases[0])
    assert ran.code == 2
    assert "--root-passphrase-file" in ran.err
