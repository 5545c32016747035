"""Part of a draft's form that says who is to seal its files after their issuer, and where."""

import re
from collections.abc import Mapping
from typing import Final

from core.ids import AuthorityId
from core.text import Text
from issuing_api.pages.licences import read_day
from issuing_api.pages.papers import messages
from issuing_api.pages.visits import Visit
from registry.desk.documents.wishes import LONGEST, MOST_MM, SealWishes
from registry.granting.document_orders import CountersignerAsked, RoundAsked
from registry.types.document_type import MOST_COUNTERSIGNERS
from signing.intake.places import PlaceAsked

OUTSIDE: Final = "outside"
"""Choice of one that signs elsewhere; authorities' ids have no such word alone."""
PARTS: Final = ("who", "name", "uscc", "certificate", "page", "word", "left", "top")
_PAGE: Final = re.compile(r"-?\d{1,5}", re.ASCII)
_MM: Final = re.compile(r"\d{1,4}(?:\.\d{1,2})?", re.ASCII)
_CODE: Final = re.compile(r"[0-9A-Za-z:]{0,95}", re.ASCII)


def typed_of_round(wishes: SealWishes) -> dict[str, str]:
    """Return a round as the form shows it."""
    asked, found = wishes.round, dict[str, str]()
    found["round_order"] = "given" if asked.ordered else "any"
    found["round_deadline"] = "" if asked.deadline is None else asked.deadline.isoformat()
    for number, one in enumerate(asked.signers, 1):
        left, top = one.place.point or (None, None)
        said = {
            "who": one.authority_id or OUTSIDE,
            "name": one.name,
            "uscc": one.uscc,
            "certificate": one.certificate,
            "page": "" if one.place.page is None else str(one.place.page),
            "word": one.place.word or "",
            "left": "" if left is None else f"{left:g}",
            "top": "" if top is None else f"{top:g}",
        }
        found |= {f"s{number}_{part}": value for part, value in said.items()}
    return found


def typed_round(visit: Visit) -> dict[str, str]:
    """Return the fields of a round that a form has, as they were typed."""
    names = [f"s{n}_{part}" for n in range(1, MOST_COUNTERSIGNERS + 1) for part in PARTS]
    names += ["round_order", "round_deadline"]
    return {name: visit.said(name)[:LONGEST] for name in names if name in visit.form.fields}


def rows_of_round(typed: Mapping[str, str]) -> range:
    """Return the numbers of the countersigners that the form has room for: one more than named."""
    named = [n for n in range(1, MOST_COUNTERSIGNERS + 1) if typed.get(f"s{n}_who")]
    return range(1, min(max(named, default=0) + 1, MOST_COUNTERSIGNERS) + 1)


def read_round(typed: Mapping[str, str], errors: dict[str, Text]) -> RoundAsked:
    """Return the round that was typed; what is wrong is added to `errors`."""
    signers = tuple(
        _signer(n, typed, errors)
        for n in range(1, MOST_COUNTERSIGNERS + 1)
        if typed.get(f"s{n}_who")
    )
    day = typed.get("round_deadline", "")
    last = read_day(day) if day else None
    if day and last is None:
        errors["round_deadline"] = messages.DAY_MISSING
    return RoundAsked(signers, typed.get("round_order") != "any", last)


def _signer(n: int, typed: Mapping[str, str], errors: dict[str, Text]) -> CountersignerAsked:
    said = {part: typed.get(f"s{n}_{part}", "") for part in PARTS}
    place = _place(n, said, errors)
    if said["who"] != OUTSIDE:
        return CountersignerAsked(place, AuthorityId(said["who"]))
    coded = said["uscc"] or said["certificate"]
    sound = all(_CODE.fullmatch(said[one]) for one in ("uscc", "certificate"))
    if not said["name"] or not said["name"].isprintable() or not coded or not sound:
        errors[f"s{n}_name"] = messages.SIGNER_UNNAMED
    return CountersignerAsked(
        place,
        None,
        said["name"],
        said["certificate"].replace(":", "").lower(),
        said["uscc"].upper(),
    )


def _place(n: int, said: Mapping[str, str], errors: dict[str, Text]) -> PlaceAsked:
    page = said["page"]
    if page and (not _PAGE.fullmatch(page) or int(page) == 0):
        errors[f"s{n}_page"] = messages.PAGE_NUMBER_WRONG
        page = ""
    number = int(page) if page else None
    if said["word"]:
        if not said["word"].isprintable():
            errors[f"s{n}_word"] = messages.WORD_WRONG
        return PlaceAsked(number, word=said["word"])
    if not said["left"] and not said["top"]:
        errors[f"s{n}_word"] = messages.SIGNER_UNPLACED
        return PlaceAsked(number)
    for one in ("left", "top"):
        if not _MM.fullmatch(said[one]) or float(said[one]) > MOST_MM:
            errors[f"s{n}_{one}"] = messages.MILLIMETRES_WRONG
            return PlaceAsked(number)
    return PlaceAsked(number, (float(said["left"]), float(said["top"])))
