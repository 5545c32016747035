"""What the command says of itself: in Chinese too, with suggestions, examples and JSON errors."""

import gettext
import inspect
import io
import json
import subprocess
from collections.abc import Iterator

import click
import pytest

import cli.main
from tests.cli.catalogue import MO, compile_mo, read_po
from tests.cli.commands import xinyin, xinyin_installed
from tests.cli.conftest import DemoHome

CHINESE = {"XINYIN_LANG": "zh"}


def commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command, groups too."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}".strip(), command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}".strip())


ALL = dict(commands(cli.main.xinyin))


def said(command: click.Command) -> Iterator[str]:
    """Yield what its help says in English alone."""
    for option in command.params:
        if isinstance(option, click.Option) and option.help:
            yield option.help
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n")[1:]:
        if not paragraph.startswith("\b"):
            yield paragraph


def test_the_catalogue_is_compiled() -> None:
    assert MO.read_bytes() == compile_mo(read_po()), "run make words"
    words = gettext.GNUTranslations(io.BytesIO(MO.read_bytes()))
    assert words.gettext("Missing command.") == "缺少命令。"
    plural = "{value!r} is not one of {choices}."
    assert "可选值" in words.ngettext("{value!r} is not {choice}.", plural, 1)


@pytest.mark.parametrize("name", ALL)
def test_all_help_has_its_chinese(name: str) -> None:
    words = read_po()
    missing = [one for one in said(ALL[name]) if " ".join(one.split()) not in words]
    assert missing == []


@pytest.mark.parametrize("name", [n for n, c in ALL.items() if not isinstance(c, click.Group)])
def test_every_command_has_an_example(name: str) -> None:
    told = ALL[name].help or ""
    lines = [line.strip() for line in told.split("Example")[-1].splitlines()[1:]]
    words = name.removesuffix(" run") if "ceremony" in name else name
    assert any(f"xinyin {words}" in line for line in lines), told


def test_help_in_chinese() -> None:
    ran = xinyin("licence", "replace", "--help", env=CHINESE)
    assert ran.code == 0
    for words in ("用法：", "换发新证。", "选项", "法律依据。", "必填", "示例：", "CHANGED 变更"):
        assert words in ran.out, words
    for words in ("Usage", "Options", "Legal basis", "Grant a new version", "required"):
        assert words not in ran.out, words
    listed = xinyin("--help", env=CHINESE).out
    assert "批量颁发" in listed
    assert "退出码：" in listed
    assert "Grant many" not in listed
    english = xinyin("--help").out
    assert "Grant many licences" in english
    assert "Usage:" in english


def test_the_locale_chooses_the_language() -> None:
    assert "用法：" in xinyin("--help", env={"XINYIN_LANG": "", "LC_ALL": "zh_CN.UTF-8"}).out
    assert "Usage:" in xinyin("--help", env={"LC_ALL": "zh_CN.UTF-8"}).out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("verify",), "缺少参数"),
        (("licence", "cancel", "x"), "缺少选项"),
        (("licence", "list", "--state", "X"), "不在可选值"),
        (("licence", "list", "--limit", "0"), "不在范围"),
        (("verify", "a", "b"), "多余的参数"),
        (("-x",), "没有选项"),
        (("licence", "list", "--limit", "abc"), "'abc' 不是正确的数字。"),
        (("licence", "cancel", "x", "--reason", "无", "--basis", "x"), "FORFEITED 吊销"),
        (("ca", "revoke", "x", "--reason", "无", "--basis", "x"), "keyCompromise 密钥泄露"),
    ],
)
def test_usage_errors_in_chinese(arguments: tuple[str, ...], words: str) -> None:
    ran = xinyin(*arguments, env=CHINESE)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert "用法：" in ran.err
    assert "Error" not in ran.err


@pytest.mark.parametrize(
    ("typed", "meant"),
    [(("license",), "licence"), (("verfy", "a.pdf"), "verify"), (("licence", "suspnd"), "suspend")],
)
def test_a_slip_gets_a_suggestion(typed: tuple[str, ...], meant: str) -> None:
    ran = xinyin(*typed)
    assert ran.code == 2
    assert f"Did you mean '{meant}'?" in ran.err
    assert f"是否应为：'{meant}'" in xinyin(*typed, env=CHINESE).err


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (("licence", "show", "JY10000000000003", "--json"), "no_such_licence", 12),
        (("licence", "list", "--type", "none", "--json"), "not_found", 2),
        (("licence", "cancel", "--json", "x"), "usage", 2),
        (("verfy", "--json"), "usage", 2),
        (("verify", "gone.pdf", "--json"), "unreadable_input", 3),
    ],
)
def test_errors_under_json_are_json(
    shared: DemoHome, arguments: tuple[str, ...], code: str, exit_code: int
) -> None:
    ran = shared.run(*arguments)
    assert (ran.code, ran.out) == (exit_code, "")
    error = json.loads(ran.err)["error"]
    assert error["code"] == code
    assert error["message"]
    assert set(error) == {"code", "message"}


def test_an_internal_error_under_json_is_json(
    shared: DemoHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("何芳 990102194009171291")

    monkeypatch.setattr("cli.licences.licence_records.search_licences", fail)
    ran = shared.run("licence", "list", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert json.loads(ran.err)["error"]["code"] == "internal"
    assert "何芳" not in ran.err


def test_a_shell_completes_commands() -> None:
    ran = xinyin("completion", "bash")
    assert ran.code == 0
    checked = subprocess.run(["bash", "-n"], input=ran.out.encode(), check=False, timeout=10)
    assert checked.returncode == 0
    asked = {"_XINYIN_COMPLETE": "bash_complete", "COMP_WORDS": "xinyin lic", "COMP_CWORD": "1"}
    completed = xinyin_installed(env=dict(asked) | _path())
    assert completed.out.splitlines() == ["plain,licence"]
    assert xinyin("completion", "zsh", "--json").json["shell"] == "zsh"
    assert xinyin("completion", "powershell").code == 2


def _path() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin"}
