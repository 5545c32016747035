"""Samples of a batch: the rows whose pages people look at before the seal's key is used.

Their code stands for all that is agreed to with them: the rows, the type as it is defined, and how
they are to be granted. Another sheet, photo, definition or setting has another code.
"""

import hashlib
import json
import random
from collections.abc import Callable, Mapping, Sequence
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
    applications: Sequence[Application], count: int, seed: str, is_rare: Callable[[str], bool]
) -> list[SampleRow]:
    """Return at most so many rows: what is likeliest to look wrong first, then others by chance.

    The same rows and `seed` give the same sample.
    """
    chosen: dict[int, Text] = {}

    def take(at: int | None, why: Text) -> None:
        if at is not None and len(chosen) < count:
            chosen.setdefault(at, why)

    if applications:
        take(0, messages.SAMPLE_FIRST)
        every = range(len(applications))
        lengths = [sum(map(len, one.data.values())) for one in applications]
        take(max(every, key=lengths.__getitem__), messages.SAMPLE_LONGEST)
        longest = [max(map(len, one.data.values()), default=0) for one in applications]
        take(max(every, key=longest.__getitem__), messages.SAMPLE_LONGEST_FIELD)
        rare = (at for at in every if is_rare("".join(applications[at].data.values())))
        take(next(rare, None), messages.SAMPLE_RARE)
        for has, why in ((True, messages.SAMPLE_PHOTO), (False, messages.SAMPLE_NO_PHOTO)):
            if any(one.photo is not None for one in applications):
                found = (at for at in every if (applications[at].photo is not None) is has)
                take(next(found, None), why)
        drawn = random.Random(seed)  # noqa: S311 - chooses, keeps nothing secret
        for at in drawn.sample(every, min(count, len(applications))):
            take(at, messages.SAMPLE_RANDOM)
    return [SampleRow(applications[at], why) for at, why in sorted(chosen.items())]


def batch_code(
    licence_type: LicenceType,
    authority_id: AuthorityId,
    applications: Sequence[Application],
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
