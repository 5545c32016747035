"""`xinyin login`, `whoami`, `request --server`, `logout`, against a server and a provider."""

import json
import stat
import threading
from pathlib import Path
from typing import Any

import httpx2
import pytest

from cli.remote.server import server_address
from cli.remote.sign_in_file import FILE_NAME
from tests.cli.commands import Ran, xinyin
from tests.cli.conftest import own, shared
from tests.issuing_api.conftest import desk
from tests.issuing_api.desk import RunningDesk
from tests.issuing_api.test_desk import body

__all__ = ["desk", "own", "shared"]


@pytest.fixture
def line(desk: RunningDesk, tmp_path: Path) -> "CommandLine":
    return CommandLine(desk, tmp_path / "config")


class CommandLine:
    """Somebody at a terminal, with a browser beside it."""

    def __init__(self, desk: RunningDesk, config: Path) -> None:
        self.desk = desk
        self.config = config

    def run(self, *arguments: str) -> Ran:
        return xinyin(
            *arguments, "--server", self.desk.url, env={"XINYIN_CONFIG": str(self.config)}
        )

    def login(self, account: str, monkeypatch: pytest.MonkeyPatch) -> Ran:
        def opened(address: str) -> bool:
            def follow() -> None:
                back = self.desk.provider.browser().follow(address, account)
                with httpx2.Client(trust_env=False) as client:
                    client.get(back)

            threading.Thread(target=follow, daemon=True).start()
            return True

        monkeypatch.setattr("webbrowser.open", opened)
        return self.run("login", "--json")


def test_somebody_signs_in_works_and_signs_out(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = line.run("whoami")
    assert (before.code, "xinyin login" in before.err) == (4, True)
    ran = line.login("wang", monkeypatch)
    assert (ran.code, ran.json["name"]) == (0, "王例"), ran.err
    file = line.config / FILE_NAME
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = json.loads(file.read_text("utf-8"))[line.desk.url]
    assert all(kept[name] not in ran.out + ran.err for name in ("access_token", "refresh_token"))
    li = line.desk.person("li")
    asked = li.ask("POST", "/issuing/v1/requests", body(), Idempotency_Key="request-1").json()
    listed = line.run("request", "list", "--state", "WAITING", "--json")
    assert [one["request"] for one in listed.records] == [asked["id"]], listed.err
    approved = line.run("request", "approve", asked["id"], "--basis", "材料齐全")
    assert approved.code == 0, approved.err
    shown = line.run("request", "show", asked["id"], "--json")
    assert shown.json["state"] == "APPROVED"
    again = line.run("request", "reject", asked["id"], "--basis", "反悔")
    assert (again.code, "APPROVED" in again.err or "approved" in again.err) == (2, True), again.err
    out = line.run("logout")
    assert out.code == 0, out.err
    assert line.run("whoami").code == 4
    assert json.loads(file.read_text("utf-8")) == {}


def test_tokens_are_renewed_by_themselves(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert line.login("li", monkeypatch).code == 0
    file = line.config / FILE_NAME

    def change(**changed: Any) -> str:
        kept = json.loads(file.read_text("utf-8"))
        token: str = kept[line.desk.url]["access_token"]
        kept[line.desk.url] |= changed
        file.write_text(json.dumps(kept), "utf-8")
        return token

    first = change(expires_at="2026-01-01T00:00:00+00:00")
    assert line.run("whoami").code == 0
    assert change() != first
    change(expires_at="2026-01-01T00:00:00+00:00", refresh_token="stolen")
    ended = line.run("whoami")
    assert (ended.code, "Sign in again" in ended.err) == (4, True), ended.err


def test_a_sign_in_on_another_device(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("time.sleep", lambda _: None)

    def echo(text: str = "", **_: object) -> None:
        said.append(text)
        if "user_code=" in text:
            line.desk.provider.browser().enter_code(text, "li")

    monkeypatch.setattr("cli.remote.login_commands.click.echo", echo)
    assert line.run("login", "--device").code == 0
    assert any("user_code=" in one for one in said)
    monkeypatch.undo()
    assert "operator" in line.run("whoami").out


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://issuing.example", 2),
        ("ftp://x", 2),
        ("https://issuing.example/desk", 2),
        ("https://issuing.example?a=b", 2),
        ("https://[::1", 2),
        ("https://127.0.0.1:9", 5),
    ],
)
def test_an_address_that_will_not_do(tmp_path: Path, address: str, code: int) -> None:
    ran = xinyin("login", "--server", address, env={"XINYIN_CONFIG": str(tmp_path)})
    assert ran.code == code, ran.err


def test_a_server_has_one_name() -> None:
    for text in ("https://A.example", "https://a.example:443/", "https://a.example/"):
        assert server_address(text) == "https://a.example"
    assert server_address("https://a.example:8443") == "https://a.example:8443"
    assert server_address("http://[::1]:80") == "http://[::1]:80"


def test_there_is_room_for_many_sign_ins(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert line.login("li", monkeypatch).code == 0
    file = line.config / FILE_NAME
    kept = json.loads(file.read_text("utf-8"))
    others = {f"https://{one}.example": kept[line.desk.url] for one in range(40)}
    file.write_text(json.dumps({**kept, **others}), "utf-8")
    assert line.run("whoami").code == 0
    assert line.run("logout").code == 0
    assert len(json.loads(file.read_text("utf-8"))) == 40


def test_a_file_that_others_may_read_is_not_used(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.login("li", monkeypatch)
    (line.config / FILE_NAME).chmod(0o644)
    ran = line.run("whoami")
    assert (ran.code, "chmod 600" in ran.err) == (2, True), ran.err
    (line.config / FILE_NAME).chmod(0o600)
    (line.config / FILE_NAME).write_text('{"' + line.desk.url + '": {"key": 1}}')
    assert line.run("whoami").code == 2
