"""A transcript reads back as it was written, and any change to it shows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ca.ceremony.transcript import BEGUN, CLOSED, DONE, Transcript
from ca.errors import TranscriptError


def _written() -> Transcript:
    transcript = Transcript()
    transcript.add(BEGUN, [("title", "密钥仪式"), ("present", "样本甲 (主持人)")])
    transcript.add(DONE, [("step", "1 make-root issuer root"), ("serial", "1f")])
    transcript.add(CLOSED, [("at", "2026-12-01T00:00:00Z")])
    return transcript


def test_it_reads_back_and_ends_with_a_number_in_groups_and_lines_to_sign() -> None:
    transcript = _written()
    text = transcript.to_text()
    again = Transcript.parse(text.encode())
    assert again.entries == transcript.entries
    assert again.is_closed
    groups = "".join(text.split("逐组核对：")[1].split("Signed")[0].split())
    assert groups == transcript.entries[-1].sha256
    assert "样本甲 (主持人)  " in text.split("签字")[1]


def test_an_unfinished_one_reads_back_and_goes_on() -> None:
    transcript = Transcript()
    transcript.add(BEGUN, [("title", "x")])
    again = Transcript.parse(transcript.to_text().encode())
    assert not again.is_closed
    assert again.add(DONE, [("step", "1")]).previous == transcript.entries[0].sha256


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_changed_removed_or_added_byte_is_noticed(data: st.DataObject) -> None:
    original = _written().to_text().encode()
    at = data.draw(st.integers(0, len(original) - 1))
    kind = data.draw(st.sampled_from(["change", "remove", "add"]))
    value = data.draw(st.binary(min_size=1, max_size=1))
    rest = original[at + 1 :] if kind != "add" else original[at:]
    changed = original[:at] + (b"" if kind == "remove" else value) + rest
    if changed != original:
        with pytest.raises(TranscriptError):
            Transcript.parse(changed)


def test_a_removed_or_swapped_entry_is_noticed() -> None:
    head, first, second, third, *ending = _written().to_text().split("\n\n")
    rest = [third, *ending]
    for blocks in ([head, first, *rest], [head, second, first, *rest], [head, first, first, *rest]):
        with pytest.raises(TranscriptError):
            Transcript.parse("\n\n".join(blocks).encode())


@pytest.mark.parametrize("value", ["", " padded", "two\nlines", "hid\u202eden", "\x1b[2J"])
def test_nothing_that_hides_or_breaks_a_line_can_be_written(value: str) -> None:
    with pytest.raises(TranscriptError):
        Transcript().add(BEGUN, [("title", value)])


def test_nothing_follows_the_end() -> None:
    with pytest.raises(TranscriptError):
        _written().add(DONE, [("step", "2")])
