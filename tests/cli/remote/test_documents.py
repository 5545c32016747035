"""Documents from command lines, sealed at a server: what is said is what the same says here."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import shared
from tests.cli.remote.test_at_server import ChosenLine
from tests.issuing_api.conftest import one_desk
from tests.issuing_api.desk import RunningDesk
from tests.issuing_api.documents import publish_documents
from tests.signing.intake.drawings import changed, hidden_layer, plain, script_at_opening

__all__ = ["one_desk", "shared"]
Line = Callable[[str], ChosenLine]


@pytest.fixture(scope="module")
def desk(one_desk: RunningDesk) -> RunningDesk:
    publish_documents(one_desk.home)
    return one_desk


@pytest.fixture
def line(desk: RunningDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    def signed_in(name: str) -> ChosenLine:
        found = ChosenLine(desk, tmp_path / name)
        assert found.run("context", "use", desk.url).code == 0
        assert found.login(name, monkeypatch).code == 0
        return found

    return signed_in


@contextmanager
def working(desk: RunningDesk) -> Iterator[None]:
    """Work on jobs meanwhile, as a service does."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.3):
            desk.work()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        over.set()
        worker.join(60)


def test_a_document_is_sealed_at_a_server(desk: RunningDesk, line: Line, tmp_path: Path) -> None:
    zhou = line("zhou")
    source, out, sample = tmp_path / "张三的通知.pdf", tmp_path / "signed.pdf", tmp_path / "s.png"
    source.write_bytes(plain())
    sign = ("document", "sign", str(source), "--type", "official-document", "--keyword=Seal here")
    shown = zhou.run(*sign, "--sample", str(sample), "--json")
    assert shown.code == 0, shown.err
    assert sample.read_bytes().startswith(b"\x89PNG")
    assert (shown.json["title"], shown.json["place"]["page"]) == ("A notice", 2)
    assert zhou.run(*sign, "--sample", str(tmp_path / "s.pdf")).code == 2, "it would be a picture"
    asked = zhou.run(*sign, "--out", str(out))
    assert asked.code == 2, "nobody agreed to it"
    assert shown.json["code"] in asked.err
    assert zhou.run(*sign, "--out", str(out), "--agree", "0" * 32).code == 2
    with working(desk):
        done = zhou.run(*sign, "--out", str(out), "--agree", shown.json["code"], "--json")
        assert done.code == 0, done.err
        again = zhou.run(*sign, "--out", str(out), "--agree", shown.json["code"], "--json")
    assert again.json["identifier"] == done.json["identifier"], again.err
    assert done.json["outcome"] == "signed"
    assert done.json["path"] == str(out)
    assert done.json["link"].startswith("http")
    assert desk.home.verifier.by_file(out.read_bytes()).outcome == "in_force"
    number = done.json["number"]
    found = zhou.run("document", "show", number, "--json")
    assert found.json["title"] == "A notice", found.err
    listed = zhou.run("document", "list", "--title", "notice", "--json")
    assert number in [one["number"] for one in listed.records]
    ended = zhou.run(
        *("document", "cancel", number, "--reason", "撤回", "--basis", "发文有误", "--yes")
    )
    assert ended.code == 0, ended.err
    assert zhou.run("document", "show", number, "--json").json["state"] == "CANCELLED"
    assert zhou.run("document", "show", "GW9999999999").code == 2
    assert desk.home.verifier.by_file(out.read_bytes()).outcome == "not_in_force"


def test_what_is_refused_is_named_and_what_needs_another_waits(
    desk: RunningDesk, line: Line, tmp_path: Path
) -> None:
    li, folder, out = line("li"), tmp_path / "letters", tmp_path / "signed"
    folder.mkdir()
    for name, data in (("a", plain(3)), ("b", changed(script_at_opening, plain(4)))):
        (folder / f"{name}.pdf").write_bytes(data)
    sign = ("document", "sign", str(folder), "--type", "official-document", "--out", str(out))
    refused = li.run(*sign, "--json")
    assert refused.code == 20, refused.err
    told = [one for one in refused.records if one["outcome"] == "refused"]
    assert [Path(one["source"]).name for one in told] == ["b.pdf"]
    assert told[0]["findings"][0]["code"] == "active_content"
    (tmp_path / "layers.pdf").write_bytes(changed(hidden_layer))
    bad = li.run("document", "sign", str(tmp_path / "layers.pdf"), *sign[3:], "--clean", "--yes")
    assert bad.code == 3, bad.err
    code = li.run(*sign, "--clean", "--json").json["code"]
    waits = li.run(*sign, "--clean", "--agree", code, "--json")
    assert (waits.code, waits.json["rows"]) == (0, 2), waits.err
    assert not out.exists()
    content = li.run("request", "show", waits.json["request"], "--content", "--json")
    assert json.loads(json.dumps(content.json))["batch"]["documents"]["level"] == "B-LT"
    begun = line("zhao").run("request", "carry-out", waits.json["request"])
    assert begun.code == 0, begun.err
    with working(desk):
        done = li.run("job", "wait", begun.out.strip(), "--out", str(out))
    assert done.code == 0, done.err
    assert len(list(out.glob("*.pdf"))) == 2


def test_steps_of_a_round_are_asked_at_the_server(
    desk: RunningDesk, line: Line, tmp_path: Path
) -> None:
    """Of no document that several seal: the server says that there is none."""
    zhou, out, none = line("zhou"), str(tmp_path / "out.pdf"), "0" * 32
    listed = zhou.run("document", "awaiting", "--server", desk.url, "--json")
    assert (listed.code, listed.out) == (0, "")
    source = tmp_path / "signed.pdf"
    source.write_bytes(plain())
    unnamed = zhou.run("document", "take-in", str(source), "--out", out, "--server", desk.url)
    assert unnamed.code == 2
    assert "--document" in unnamed.err
    for words in (
        ("countersign", none, "--out", out, "--yes"),
        ("refuse", none, "--reason", "b", "--yes"),
        ("take-in", str(source), "--document", none, "--out", out),
        ("export", none, "--out", out),
        ("deadline", none, "--until", "2099-12-31", "--reason", "b"),
    ):
        ran = zhou.run("document", *words, "--server", desk.url)
        assert (ran.code, ran.out) == (2, ""), (words, ran.err)
        assert "No document fits." in ran.err, (words, ran.err)
    assert not Path(out).exists()
