"""What the documents say is so: commands, links, exit codes, error codes, packages."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ca.profiles.profiles import RULES, ProfileKind
from cli.main import EXIT_CODES, xinyin
from core.settings import Settings, parse_settings
from core.web.problem_answers import EDGE_PROBLEMS, edge_problem_of
from core.web.problems import PROBLEMS
from registry.answers.answers import Outcome
from registry.answers.sentences import CHECKS
from registry.db import tables
from registry.model import LicenceState, Reason
from verify_api.openapi import PUBLIC_CODES
from verify_api.settings import MIB, VerifyApiSettings

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
GUIDES = ("docs/operators-guide.md", "docs/operators-guide.zh.md")
"""The same guide in English and in Chinese."""
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r'\]\(([^)\s]+)\)|<img src="([^"]+)"')
_FORBIDDEN = re.compile(
    r"(?<!/scim/v2)/(?:work|root|tmp|home|Users)/|pyp[i]\.org|npm[j]s\.|files\.python[h]osted"
)
"""Paths of one machine and registries' hosts, spelt so that this line is none of them."""
_EXIT_CODE = re.compile(r"(?:^ *| {2,})(\d+) {2}(\S.*?)(?= {3,}|$)", re.MULTILINE)
_SEPARATORS = {"&", "|", ";", "<", ">", "&&", "||"}
_PATH = re.compile(
    r"(?:ca|cli|core|home|identity|issuing_api|keys|registry|signing|verify_api|deploy|examples|tests)/[\w./-]*|pyproject\.toml"
)


def _text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def _blocks(text: str, language: str) -> list[str]:
    return [block for tag, block in _FENCE.findall(text) if tag == language]


def _commands(text: str) -> Iterator[list[str]]:
    """Yield the words of each `xinyin …` that a document shows, in blocks and in sentences."""
    for block in _blocks(text, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            for start in re.finditer(r"(?:^|\(|; )xinyin ", line):
                yield _words(line[start.end() :])
    for inline in _INLINE.findall(_FENCE.sub("", text)):
        if inline.startswith("xinyin "):
            yield _words(inline.removeprefix("xinyin ").replace("…", ""))


def _words(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for word in lexer:
        if word in _SEPARATORS:
            break
        words.append(word)
    return words


def _table(text: str, heading: str, level: str = "##") -> dict[str, list[str]]:
    """Return a table's rows by their first cell, without its ticks."""
    section = text.split(f"\n{level} {heading}", 1)[1]
    section = re.split(rf"\n#{{2,{len(level)}}} ", section, maxsplit=1)[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("|")
    ]
    return {row[0].strip("`"): row[1:] for row in rows[2:]}


def _check(words: list[str]) -> None:
    """Follow the words down the command tree; each option must be one that the command has."""
    command: click.Command = xinyin
    rest = list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        name = rest.pop(0)
        found = command.get_command(click.Context(command), name)
        assert found is not None, f"no command {name!r} in {words}"
        command = found
    options = {
        name: option
        for option in command.params
        if isinstance(option, click.Option)
        for name in option.opts
    }
    while rest:
        word = rest.pop(0)
        if word.startswith("-") and word != "-":
            option = options.get(word)
            assert option is not None, f"no option {word} in {words}"
            if not option.is_flag and rest:
                _check_value(option, rest.pop(0), words)


def _check_value(option: click.Option, value: str, words: list[str]) -> None:
    if isinstance(option.type, click.Choice):
        assert value in option.type.choices, f"{value} cannot follow {option.opts} in {words}"


@pytest.mark.parametrize("name", NAMES)
def test_every_command_shown_exists(name: str) -> None:
    for words in _commands(_text(name)):
        _check(words)


def test_commands_are_found_in_the_documents() -> None:
    shown = {words[0] for name in NAMES for words in _commands(_text(name))}
    assert shown >= {"init", "serve", "verify", "licence", "ca", "batch", "seal", "type"}


def test_a_wrong_option_would_be_noticed() -> None:
    with pytest.raises(AssertionError, match="no option --colour"):
        _check(["verify", "--colour", "red", "licence.pdf"])
    with pytest.raises(AssertionError, match="no command 'frobnicate'"):
        _check(["licence", "frobnicate"])


@pytest.mark.parametrize("name", NAMES)
def test_every_relative_link_leads_somewhere(name: str) -> None:
    for groups in _LINK.findall(_text(name)):
        link = (groups[0] or groups[1]).partition("#")[0]
        if link and "://" not in link:
            assert ((ROOT / name).parent / link).exists(), link


@pytest.mark.parametrize("name", [name for name in NAMES if name != "CHANGELOG.md"])
def test_every_file_named_is_there(name: str) -> None:
    for inline in _INLINE.findall(_FENCE.sub("", _text(name))):
        if _PATH.fullmatch(inline):
            assert (ROOT / inline).exists(), inline


@pytest.mark.parametrize("name", NAMES)
def test_no_path_of_a_machine_and_no_registry_is_named(name: str) -> None:
    assert _FORBIDDEN.search(_text(name)) is None


def test_the_chinese_guide_is_whole() -> None:
    """Every command of the English guide but a few that only show, all exit codes, a contents."""
    chinese, english = _text("docs/operators-guide.zh.md"), _text("docs/operators-guide.md")
    assert set(_table(chinese, "退出码")) == set(_table(english, "Exit codes"))
    shown, needed = (
        {tuple(_names(words)) for words in _commands(one)} for one in (chinese, english)
    )
    assert needed - shown <= {
        ("licence", "list"),
        ("trust", "kit"),
        ("ca", "show"),
        ("ca", "export"),
        ("demo",),
        ("journal", "show"),
    }


def test_both_guides_have_the_same_sections() -> None:
    """An English heading ends with the Chinese one."""
    english, chinese = (_sections(name) for name in GUIDES)
    assert len(english) == len(chinese)
    for one, other in zip(english, chinese, strict=True):
        assert one == other or one.endswith(f" {other}"), (one, other)


@pytest.mark.parametrize("name", GUIDES)
def test_the_contents_are_the_sections(name: str) -> None:
    contents = re.findall(r"^\d+\. \[(.+)\]\(#(.+)\)$", _text(name), re.MULTILINE)
    assert [title for title, _ in contents] == _sections(name)
    assert [anchor for _, anchor in contents] == [_anchor(title) for title, _ in contents]


def test_both_guides_show_the_same_commands_of_the_system() -> None:
    """Whoever installs or upgrades by either does the same; `xinyin` alone is compared above."""
    english, chinese = (list(_system_commands(_text(name))) for name in GUIDES)
    assert len(english) > 30
    assert english == chinese
    assert _blocks(_text(GUIDES[0]), "sql") == _blocks(_text(GUIDES[1]), "sql")


def _sections(name: str) -> list[str]:
    """Return the headings of the second level after that of the contents."""
    return re.findall(r"^## (.+)$", _text(name), re.MULTILINE)[1:]


def _anchor(heading: str) -> str:
    """Return the fragment that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _system_commands(text: str) -> Iterator[str]:
    """Yield each line of a shell that is not a command of ours, without its remark."""
    for block in _blocks(text, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            command = re.sub(r"\s+#.*", "", line).strip()
            if command and not command.startswith("xinyin "):
                yield " ".join(command.split())


def _names(words: list[str]) -> Iterator[str]:
    """Yield the words of a command's own name."""
    command: click.Command = xinyin
    for word in words:
        found = (
            command.get_command(click.Context(command), word)
            if isinstance(command, click.Group)
            else None
        )
        if found is None:
            return
        command = found
        yield word


@pytest.mark.parametrize("name", ["docs/verifiers-leaflet.zh.md", "docs/verifiers-leaflet.md"])
def test_the_leaflet_is_one_page(name: str) -> None:
    assert len(_text(name).splitlines()) <= 48
    assert len(_text(name)) <= 3200


def test_exit_codes_are_the_command_s() -> None:
    told = {int(code): meaning.strip() for code, meaning in _EXIT_CODE.findall(EXIT_CODES)}
    rows = _table(_text("docs/operators-guide.md"), "Exit codes")
    assert {int(code): cells[0] for code, cells in rows.items()} == told


def test_exit_codes_of_errors_are_told() -> None:
    rows = _table(_text("docs/operators-guide.md"), "Exit codes")
    problems = [*PROBLEMS.values(), *EDGE_PROBLEMS.values()]
    assert {str(problem.exit_code) for problem in problems} <= set(rows)


def test_error_codes_of_the_api_are_all_told_with_their_status() -> None:
    rows = _table(_text("docs/api-guide.md"), "Errors")
    told = {code: int(cells[0]) for code, cells in rows.items()}
    assert told == {code: edge_problem_of(code).status for code in PUBLIC_CODES}


def test_outcomes_stand_in_their_order_of_precedence() -> None:
    rows = _table(_text("docs/api-guide.md"), "The answer")
    assert list(rows) == [outcome.value for outcome in Outcome]


def test_limits_are_the_ones_told() -> None:
    limits, guide = VerifyApiSettings(public_url=""), _text("docs/api-guide.md")
    assert f"{limits.max_file_bytes // MIB} MiB" in guide
    assert f"JSON over {limits.max_json_bytes // 1024} KiB" in guide
    pace = limits.file_pace
    assert f"over {pace.seconds:.0f} s, or sent too little for {pace.grace_seconds:.0f} s" in guide
    operators = _text("docs/operators-guide.md")
    files, lookups = limits.file_rate, limits.lookup_rate
    assert f"{files.burst:g} files at once and {files.per_minute:g} a minute" in operators
    assert f"{lookups.burst:g} look-ups at once and {lookups.per_minute:g} a minute" in operators


def test_settings_of_verification_are_told_with_their_defaults() -> None:
    rows = _table(_text("docs/operators-guide.md"), "Limits of verification", "###")
    told: dict[str, str] = {}
    for keys, (defaults, *_) in rows.items():
        names = keys.replace("`", "").split(", ")
        told |= dict(zip(names, (defaults.split(", ") * len(names))[: len(names)], strict=True))
    fields = Settings.model_fields["verify"].default.model_dump()
    assert told == {key: str(value) for key, value in fields.items() if key != "trusted_proxies"}


def test_days_of_certificates_are_the_profiles() -> None:
    rows = _table(_text("docs/operators-guide.md"), "Certificates that expire")
    told = {name: int(cells[0]) for name, cells in rows.items()}
    assert told == {
        "root": RULES[ProfileKind.ROOT].default.days,
        "issuing CA": RULES[ProfileKind.ISSUING].default.days,
        "TSA": RULES[ProfileKind.TSA].default.days,
        "seal": RULES[ProfileKind.SEAL].default.days,
        "OCSP responder": RULES[ProfileKind.OCSP_RESPONDER].default.days,
        "officer": RULES[ProfileKind.OFFICER].default.days,
        "receipts": RULES[ProfileKind.RECEIPT].default.days,
    }


@pytest.mark.parametrize("name", GUIDES)
def test_settings_shown_can_be_read(name: str) -> None:
    required = '[service]\npublic_url = "http://a"\npki_url = "http://a"\n[operator]\naccount = "a"'
    for block in _blocks(_text(name), "toml"):
        if block.startswith("# identity.toml"):
            continue  # a file of its own (tests/home/identity/test_file.py)
        settings = parse_settings(tomllib.loads(f"{required}\n{block}"), "docs")
        assert isinstance(settings, Settings)


def test_the_contracts_told_are_the_ones_checked() -> None:
    text = _text("docs/architecture.md")
    section = text.split("\n## Packages", 1)[1].split("\n## ", 1)[0]
    tables = [re.findall(r"^\| `(.+?)/?` ", one, re.MULTILINE) for one in section.split("\n\n")]
    contracts = tomllib.loads(_text("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    named = {one["id"]: one for one in contracts}
    tables = [one for one in tables if one]
    *whole, inner = tables
    for contract, told in zip(("floors", "registry", "ca", "identity"), whole, strict=True):
        layers = [one.split(" | ") for one in named[contract]["layers"]]
        places = {room: place for place, rooms in enumerate(layers) for room in rooms}
        assert told == sorted(told, key=lambda room: places[room]), contract
        inside = ROOT if contract == "floors" else ROOT / contract
        assert {one for one in places if (inside / one).is_dir()} == set(told)
        picture = _text("docs/images/architecture.svg")
        assert [one for one in told if f">{one}</text>" not in picture] == [], contract
    rooms_within = {
        f"{named[one]['containers'][0]}.{room}".replace(".", "/")
        for one in ("signing", "desk", "issuing-api")
        for layer in named[one]["layers"]
        for room in layer.split(" | ")
    }
    assert rooms_within <= set(inner)
    assert [one for one in inner if not (ROOT / one).is_dir()] == []
    assert all(f"`{module}`" in text for module in named["public-verifier"]["forbidden_modules"])


def test_every_table_is_told() -> None:
    text = _text("docs/architecture.md")
    assert [name for name in tables.metadata.tables if f"`{name}`" not in text] == []


def test_states_and_reasons_stand_in_the_glossary() -> None:
    glossary = _text("docs/glossary.md")
    assert all(one.value in glossary for one in (*LicenceState, *Reason))


def test_codes_of_checks_that_are_explained_exist() -> None:
    assert {"seal_without_record", "registered_document", "registered_here"} <= set(CHECKS)
