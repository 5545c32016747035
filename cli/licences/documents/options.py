"""Options of `document sign`, from the command line or a file of them."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from cli.licences.documents import messages
from cli.licences.documents.round_options import ROUND_KEYS, round_of
from cli.shell.reading import read_text_file
from core.errors import UsageError
from core.ids import AuthorityId
from core.permits import Permit
from registry.granting.document_orders import CaptionPart, DocumentOrder, RoundAsked
from signing.intake.places import FurtherPlace, PlaceAsked
from signing.levels import PadesLevel

_PATH = click.Path(path_type=Path)
_KEYS = (
    "type",
    "authority",
    "level",
    "page",
    "at",
    "keyword",
    "occurrence",
    "field",
    "also",
    "edge",
    "approval",
    "show",
    "reason",
    "title",
    "basis",
    "clean",
    "countersigner",
    "order",
    "deadline",
)
_LONGEST = 200
_TWO = 2


@dataclass(frozen=True, slots=True)
class SignOptions:
    """Options as they were given, checked."""

    type_name: str
    authority: str | None
    level: PadesLevel
    place: PlaceAsked
    further: tuple[FurtherPlace, ...]
    edge: bool
    approval: bool
    show: tuple[CaptionPart, ...]
    reason: str
    title: str
    basis: str | None
    clean: bool
    round: RoundAsked

    def order(self, permit: Permit) -> DocumentOrder:
        """Return the order for a file."""
        return DocumentOrder(
            type_name=self.type_name,
            permit=permit,
            authority_id=None if self.authority is None else AuthorityId(self.authority),
            level=self.level,
            place=self.place,
            caption=self.show,
            further=self.further,
            edge=self.edge,
            approval=self.approval,
            reason=self.reason,
            clean=self.clean,
            title=self.title,
            basis=self.basis,
            round=self.round,
        )

    def terms(self) -> dict[str, Any]:
        """Return them as the issuing API takes them, without titles."""
        return {
            "level": self.level.value,
            "place": _place_as_asked(self.place),
            "also": [{"page": one.page, "left": one.left, "top": one.top} for one in self.further],
            "edge": self.edge,
            "approval": self.approval,
            "show": [one.value for one in self.show],
            "reason": self.reason,
            "basis": self.basis,
            "countersigners": [
                {
                    "authority": one.authority_id,
                    "name": one.name,
                    "certificate": one.certificate,
                    "uscc": one.uscc,
                    "place": _place_as_asked(one.place),
                }
                for one in self.round.signers
            ],
            "ordered": self.round.ordered,
            "deadline": self.round.deadline and self.round.deadline.isoformat(),
        }


def sign_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of signing; `options_of` reads what they give."""
    options = (
        click.option("--config", type=_PATH, help="TOML file of these options; flags go before."),
        click.option("--type", help="Document type, short name or code."),
        click.option("--authority", help="Authority, where several may sign the type."),
        click.option(
            "--level",
            type=click.Choice([level.value for level in PadesLevel]),
            help="PAdES level of the seal; B-LT unless given.",
        ),
        click.option("--page", type=int, help="Page of the seal; -1 is the last, the default."),
        click.option(
            "--at", metavar="X,Y", help="Middle of the seal, in mm from the page's left and top."
        ),
        click.option("--keyword", help="Put the seal over this text."),
        click.option(
            "--occurrence", type=int, help="Which occurrence of the text; -1 is the last."
        ),
        click.option("--field", help="Put the seal in this empty signature field."),
        click.option(
            "--also",
            multiple=True,
            metavar="PAGE:X,Y",
            help="Draw the seal here too; may be given several times.",
        ),
        click.option(
            "--edge",
            is_flag=True,
            default=None,
            help="Draw a seal across the right edges of all pages.",
        ),
        click.option(
            "--approval",
            is_flag=True,
            default=None,
            help="Approve without certifying: others may sign after it.",
        ),
        click.option(
            "--show",
            multiple=True,
            type=click.Choice([part.value for part in CaptionPart]),
            help="Words under the seal; may be given several times.",
        ),
        click.option(
            "--countersigners",
            type=_PATH,
            help="TOML file of who is to seal it after: order, deadline, [[countersigner]].",
        ),
        click.option("--reason", help="Reason of signing, as readers show it."),
        click.option("--title", help="Title on record, else the file's own or its name."),
        click.option("--basis", help="Legal basis, for the audit."),
        click.option(
            "--clean",
            is_flag=True,
            default=None,
            help="Take out what may not be signed, where the pages stay as they are shown.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def _place_as_asked(place: PlaceAsked) -> dict[str, Any]:
    point = place.point
    return {
        "page": place.page,
        "at": None if point is None else {"left": point[0], "top": point[1]},
        "keyword": place.word,
        "occurrence": place.occurrence,
        "field": place.field,
    }


def options_of(given: dict[str, Any]) -> SignOptions:
    """Return the options, of the command line before those of the file. Raises `UsageError`."""
    path, listed = given.pop("config"), given.pop("countersigners", None)
    values = {} if path is None else _read(path)
    if listed is not None:
        values = {key: held for key, held in values.items() if key not in ROUND_KEYS}
        values |= _read(listed, ROUND_KEYS)
    values |= {key: value for key, value in given.items() if value not in (None, ())}
    if not values.get("type"):
        raise UsageError(messages.TYPE_NEEDED)
    try:
        return _checked(values)
    except (ValueError, TypeError) as error:
        raise UsageError(messages.option_unusable(str(error))) from error


def _read(path: Path, keys: tuple[str, ...] = _KEYS) -> dict[str, Any]:
    try:
        values = tomllib.loads(read_text_file(path))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(messages.config_unreadable(path=path, why=str(error))) from error
    unknown = sorted(values.keys() - set(keys))
    if unknown:
        raise UsageError(messages.config_unreadable(path=path, why=", ".join(unknown)))
    return values


def _checked(values: dict[str, Any]) -> SignOptions:
    place = place_of(values)
    show, also = (_several(values, key) for key in ("show", "also"))
    return SignOptions(
        type_name=_text(values, "type") or "",
        authority=_text(values, "authority"),
        level=PadesLevel(_text(values, "level") or PadesLevel.B_LT),
        place=place,
        further=tuple(_further(one) for one in also),
        edge=_truth(values, "edge"),
        approval=_truth(values, "approval"),
        show=tuple(CaptionPart(one) for one in show),
        reason=_line(values, "reason"),
        title=_line(values, "title"),
        basis=_text(values, "basis"),
        clean=_truth(values, "clean"),
        round=round_of(values, place_of),
    )


def place_of(values: dict[str, Any]) -> PlaceAsked:
    """Return the place that some options ask for. Raises `ValueError`."""
    ways = [key for key in ("at", "keyword", "field") if values.get(key) is not None]
    if len(ways) > 1:
        raise ValueError(" / ".join(f"--{one}" for one in ways))
    place = PlaceAsked(
        page=_whole(values, "page"),
        point=None if values.get("at") is None else _point(values["at"]),
        word=_line(values, "keyword") or None,
        occurrence=-1 if values.get("occurrence") is None else _whole(values, "occurrence") or 0,
        field=_text(values, "field"),
    )
    if 0 in {place.occurrence, place.page}:
        raise ValueError("0")
    return place


def _several(values: dict[str, Any], key: str) -> list[str]:
    found = values.get(key, ())
    several = [found] if isinstance(found, str) else list(found)
    if not all(isinstance(one, str) for one in several):
        raise ValueError(key)
    return several


def _further(text: str) -> FurtherPlace:
    page, _, point = text.partition(":")
    return FurtherPlace(int(page), *_point(point))


def _truth(values: dict[str, Any], key: str) -> bool:
    """Return a value that is true or false; a word that says so is a mistake."""
    value = values.get(key, False)
    if type(value) is not bool:
        raise ValueError(f"{key} = true | false")
    return value


def _text(values: dict[str, Any], key: str) -> str | None:
    value = values.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(key)
    return value


def _whole(values: dict[str, Any], key: str) -> int | None:
    value = values.get(key)
    if value is not None and type(value) is not int:
        raise ValueError(key)
    return value


def _line(values: dict[str, Any], key: str) -> str:
    text = values.get(key) or ""
    if not isinstance(text, str) or len(text) > _LONGEST or not text.isprintable():
        raise ValueError(key)
    return text.strip()


def _point(value: Any) -> tuple[float, float]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or len(parts) != _TWO:
        raise ValueError("at")
    if not isinstance(value, str) and not all(type(one) in {int, float} for one in parts):
        raise ValueError("at")
    x, y = (float(one) for one in parts)
    if not (0 <= x <= 5000 and 0 <= y <= 5000):  # noqa: PLR2004  # mm; NaN is refused too
        raise ValueError("at")
    return x, y
