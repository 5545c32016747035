"""Every code that an answer may hold is documented for integrators (docs/verification.md)."""

import re
from pathlib import Path

import pytest

from registry.answers.answering import status_of
from registry.answers.sentences import CHECKS
from registry.answers.signature_words import CHANGES, NOT_JUDGED
from registry.model import LicenceState
from signing.report import LaterChanges

ROOT = Path(__file__).parent.parent
DOCUMENTED = set(
    re.findall(r"`([a-z][a-z0-9_]*)", (ROOT / "docs" / "verification.md").read_text("utf-8"))
)
_NOTE = re.compile(
    r"""(?:notes?\b[^"\n]{0,40}|frozenset\(\{|\.add\(|note\()"([a-z0-9]+(?:_[a-z0-9]+)+)\""""
)
"""Where the source of the inspection names a note."""
_NO_NOTES = frozenset({"byte_range"})


def notes_in_source() -> set[str]:
    """Return the notes that the inspection can give."""
    folders = (ROOT / "signing" / "inspection", ROOT / "signing")
    sources = [path for folder in folders for path in folder.rglob("*.py")]
    found = {note for path in sources for note in _NOTE.findall(path.read_text("utf-8"))}
    return found - _NO_NOTES


@pytest.mark.parametrize("code", sorted({*CHECKS, *NOT_JUDGED}))
def test_every_code_of_a_check_is_documented(code: str) -> None:
    assert code in DOCUMENTED


@pytest.mark.parametrize("note", sorted({*notes_in_source(), *CHANGES}))
def test_every_note_is_documented(note: str) -> None:
    assert note in DOCUMENTED


def test_every_state_and_every_later_change_is_documented() -> None:
    states = {
        status_of(state, None).code for state in LicenceState if state is not LicenceState.VOID
    }
    assert states | set(LaterChanges) <= DOCUMENTED


def test_notes_are_found_in_the_source() -> None:
    assert {"unsupported_algorithm", "info_changed"} <= notes_in_source()
