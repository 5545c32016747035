"""Samples of a batch: the rows whose pages people look at before the seal's key is used.

Their code stands for all that is agreed to with them: the rows, the type as it is defined, and how
they are to be granted. Another sheet, photo, definition or setting has another code.
"""

import hashlib
import json
import random
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from core.ids import AuthorityId
from core.text import Text
from registry.licences import messages
from registry.model import Application
from registry.types.licence_type import LicenceType

CODE_DIGITS: Final = 16
"""Hexadecimal: nobody finds other rows with the same code."""
MOST_SAMPLES: Final = 50


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A row that is shown, and the reason for it."""

    application: Application
    why: Text


def choose_samples(
    applications: Collection[Application], count: int, seed: str, is_rare: Callable[[str], bool]
) -> list[SampleRow]:
    """Return at most so many rows: what is likeliest to look wrong first, then others by chance.

    The same rows and `seed` give the same sample.
    """
    chosen: dict[int, Text] = {}
    for at, why in _wished(applications, count, seed, is_rare):
        if len(chosen) < count:
            chosen.setdefault(at, why)
    shown = ((at, one) for at, one in enumerate(applications) if at in chosen)
    return [SampleRow(one, chosen[at]) for at, one in shown]


def _wished(
    applications: Collection[Application], count: int, seed: str, is_rare: Callable[[str], bool]
) -> Iterator[tuple[int, Text]]:
    """Yield the places of rows that are worth a look, the likeliest first."""
    if not applications:
        return
    longest = longest_field = (-1, 0)
    rare: int | None = None
    photo: dict[bool, int] = {}
    for at, one in enumerate(applications):
        lengths = list(map(len, one.data.values()))
        longest = max(longest, (sum(lengths), -at))
        longest_field = max(longest_field, (max(lengths, default=0), -at))
        photo.setdefault(one.photo is not None, at)
        if rare is None and is_rare("".join(one.data.values())):
            rare = at
    yield 0, messages.SAMPLE_FIRST
    yield -longest[1], messages.SAMPLE_LONGEST
    yield -longest_field[1], messages.SAMPLE_LONGEST_FIELD
    if rare is not None:
        yield rare, messages.SAMPLE_RARE
    for has, why in ((True, messages.SAMPLE_PHOTO), (False, messages.SAMPLE_NO_PHOTO)):
        if True in photo and has in photo:
            yield photo[has], why
    drawn = random.Random(seed)  # noqa: S311 - chooses, keeps nothing secret
    for at in drawn.sample(range(len(applications)), min(count, len(applications))):
        yield at, messages.SAMPLE_RANDOM


def batch_code(
    licence_type: LicenceType,
    authority_id: AuthorityId,
    applications: Iterable[Application],
    settings: Mapping[str, object],
) -> str:
    """Return the code of a batch: of each row, its type's definition and how it is granted."""
    rows = hashlib.sha256()
    for one in applications:
        photo = b"" if one.photo is None else hashlib.sha256(one.photo).digest()
        rows.update(f"{one.source}\0{one.stated}\0".encode() + photo)
    agreed = {
        "type": hashlib.sha256(licence_type.source.encode()).hexdigest(),
        "authority": authority_id,
        "rows": rows.hexdigest(),
        "settings": dict(settings),
    }
    said = json.dumps(agreed, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:CODE_DIGITS]
