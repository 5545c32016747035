"""`xinyin type lint`, `preview`, `sample`, `diff` and `show`: a type before and after its use."""

import csv
import io
import json
from datetime import date
from pathlib import Path

import click

from cli.licences.types import messages
from cli.shell.headings import heading_of
from cli.shell.instants import said
from cli.shell.options import command_options
from cli.shell.output import Output
from cli.shell.reading import read_json_record, read_text_file
from core.clock import civil_date
from core.errors import UnreadableInputError, UsageError
from core.files import PUBLIC, write_atomically
from core.settings import FILE_NAME
from core.text import Language, Text
from home.wiring import Home
from registry.answers.public import public_fields, public_number
from registry.model import PublicField
from registry.types.catalogue import find_version, list_versions, source_sha256
from registry.types.drafting.advice import advise
from registry.types.drafting.differences import Audience, differences
from registry.types.drafting.preview import TypePreview, preview_of
from registry.types.drafting.samples import sample_row
from registry.types.faces import face_fields
from registry.types.fields import FieldKind, FieldRule
from registry.types.flaws import Flaw, read_definition
from registry.types.licence_type import LicenceType
from registry.types.metadata import ZONE
from registry.types.types import parse_type
from signing.face import FaceField
from signing.render.picture import png_of
from signing.render.renderer import LicenceRenderer

_TICK = "✓"
_FILE = click.Path(path_type=Path)


@click.command("lint")
@click.argument("file", type=_FILE)
@command_options
def lint(home: Home, output: Output, file: Path) -> None:
    """Check a licence type: all that is wrong at once, with line and remedy. 检查证照类型定义。

    Ends with 3 where the definition cannot stand; advice alone ends with 0. No home is needed.

    \b
    Example:
      xinyin type lint elderly-care.toml
    """
    source = read_text_file(file)
    licence_type, flaws = read_definition(source)
    advice = advise(licence_type, _today(home), _renderer(home)) if licence_type is not None else ()
    for one in (*flaws, *advice):
        _tell(output, file, one, refused=one in flaws)
    if licence_type is None:
        raise UnreadableInputError(messages.definition_refused(path=file, flaws=len(flaws)))
    output.say(messages.definition_holds(path=file, advice=len(advice)))


def _tell(output: Output, file: Path, flaw: Flaw, *, refused: bool) -> None:
    if output.as_json:
        output.data(
            {
                "line": flaw.line or None,
                "key": flaw.place,
                "level": "error" if refused else "advice",
                "text": flaw.text.as_json(),
            }
        )
        return
    place = f"{file}:{flaw.line}" if flaw.line else str(file)
    output.text(f"{place}: {flaw.place}: {flaw.text.to(output.language)}")


@click.command("preview")
@click.argument("named", metavar="FILE|TYPE")
@click.option("--data", type=_FILE, help="JSON object of fields to show in place of samples.")
@click.option("--authority", help="Authority's name to show.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="Directory to write into [default: this one].",
)
@command_options
def preview(
    home: Home,
    output: Output,
    *,
    named: str,
    data: Path | None,
    authority: str | None,
    out: Path,
) -> None:
    """Draw a type's page with sample data, as PDF and PNG. 预览证照页面。

    Says what the public would see, and grants nothing. For a file, no home is needed.

    \b
    Examples:
      xinyin type preview elderly-care.toml
      xinyin type preview food-operation --data record.json
    """
    licence_type = find_type(home, named)
    row = None if data is None else read_json_record(data)
    shown = preview_of(licence_type, _today(home), row=row, authority=authority)
    pdf = _renderer(home).render(shown.face).pdf
    paths = [out / f"{licence_type.slug}.preview.{ending}" for ending in ("pdf", "png")]
    for path, content in zip(paths, (pdf, png_of(pdf)), strict=True):
        write_atomically(path, content, mode=PUBLIC)
    if output.as_json:
        output.data(
            {"pdf": str(paths[0]), "png": str(paths[1]), "public": _public(licence_type, shown)}
        )
        return
    output.records(_views(licence_type, shown, output))
    output.say(messages.preview_written(pdf=paths[0], png=paths[1]))
    if is_file(named):
        output.say(messages.record_next(named))


def _public(licence_type: LicenceType, shown: TypePreview) -> dict[str, object]:
    """Return the public view by label, number first; a table as its rows by column."""
    number: dict[str, object] = {
        licence_type.number.label.zh: public_number(licence_type, shown.licence)
    }
    fields = public_fields(licence_type, shown.licence)
    return number | {field.label.zh: _structured(field) for field in fields}


def _structured(field: PublicField) -> object:
    if not field.rows:
        return field.value
    heads = [column.zh for column in field.columns]
    return [dict(zip(heads, row, strict=True)) for row in field.rows]


def _told(field: PublicField | FaceField, language: Language) -> str:
    """Return a value for one line of a terminal: each cell of a table behind its heading."""
    if not field.rows:
        return field.value
    heads = [column.to(language) for column in field.columns]
    rows = (zip(heads, row, strict=True) for row in field.rows)
    return "；".join("，".join(f"{head} {cell}" for head, cell in row) for row in rows)


def _views(licence_type: LicenceType, shown: TypePreview, output: Output) -> list[dict[str, str]]:
    """Return the rows of page and public view, field by field."""
    language, seen = output.language, public_fields(licence_type, shown.licence)
    public = {licence_type.number.label.zh: public_number(licence_type, shown.licence)}
    public |= {field.label.zh: _told(field, language) for field in seen}
    label, page, by_public = (
        text.to(language)
        for text in (messages.FIELD, messages.ON_THE_PAGE, messages.THE_PUBLIC_SEES)
    )
    rows: list[tuple[Text, str]] = [(licence_type.number.label, shown.licence.number)]
    printed = {one.key: _told(one, language) for one in face_fields(licence_type, shown.licence)}
    rows += [
        (rule.label, printed.get(rule.key, ""))
        for rule in licence_type.ordered
        if rule.key in printed or rule.public
    ]
    return [
        {label: text.to(language), page: value, by_public: public.get(text.zh, "")}
        for text, value in rows
    ]


@click.command("sample")
@click.argument("named", metavar="FILE|TYPE")
@click.option("--csv", "as_csv", is_flag=True, help="A table for a batch instead of one record.")
@command_options
def sample(home: Home, output: Output, *, named: str, as_csv: bool) -> None:
    """Print a record with made-up data, to be filled in. 打印一份样例数据。

    \b
    Examples:
      xinyin type sample food-operation >record.json
      xinyin type sample food-operation --csv >table.csv
    """
    licence_type = find_type(home, named)
    row = sample_row(licence_type, _today(home))
    photo = licence_type.photo_field
    if photo is not None:
        row[photo.key] = "photo.jpg"
    if as_csv:
        labelled = {licence_type.label_of(key): value for key, value in row.items()}
        table = io.StringIO()
        writer = csv.writer(table)
        writer.writerows([labelled, labelled.values()])
        output.text(table.getvalue().rstrip())
        return
    if output.as_json:
        output.data(row)
    else:
        output.text(json.dumps(row, ensure_ascii=False, indent=2))


@click.command("diff")
@click.argument("before", metavar="OLD")
@click.argument("after", metavar="NEW")
@command_options
def diff(home: Home, output: Output, before: str, after: str) -> None:
    """Tell in words what one definition changes of another. 说明两个定义的区别。

    Each is a file, a type on record, or its earlier definition (TYPE@2). Told for holders,
    verifiers and officers.

    \b
    Examples:
      xinyin type diff food-operation food-operation.toml
      xinyin type diff food-operation@1 food-operation
      xinyin type diff old.toml new.toml
    """
    found = differences(find_type(home, before), find_type(home, after))
    if output.as_json:
        for one in found:
            output.data({"concerns": one.audience, "text": one.text.as_json()})
        return
    for audience in Audience:
        concerned = [one for one in found if one.audience is audience]
        if concerned:
            output.text(_AUDIENCES[audience].to(output.language))
        for one in concerned:
            output.text(f"  {one.text.to(output.language)}")
    if not found:
        output.say(messages.NO_DIFFERENCE)


@click.command("show")
@click.argument("named", metavar="TYPE|FILE")
@click.option("--toml", "as_toml", is_flag=True, help="The definition itself.")
@command_options
def show(home: Home, output: Output, *, named: str, as_toml: bool) -> None:
    """Show a licence type: its fields, what each is, its definitions. 查看证照类型。

    \b
    Examples:
      xinyin type show food-operation
      xinyin type show food-operation --toml >food-operation.toml
    """
    licence_type = find_type(home, named)
    if as_toml:
        output.text(licence_type.source.rstrip("\n"))
        return
    if output.as_json:
        output.data(_facts(licence_type))
        return
    colon = Text("：", ": ").to(output.language)
    for key, value in _facts(licence_type).items():
        if key != "fields":
            output.text(f"{heading_of(key, output.language)}{colon}{value}")
    output.text("")
    output.records([_row(rule, output) for rule in licence_type.ordered])
    if not is_file(named):
        output.text("")
        output.records(_versions(home, licence_type))


def _versions(home: Home, licence_type: LicenceType) -> list[dict[str, object]]:
    """Return the definitions that a type on record has had."""
    with home.database.reading() as connection:
        return [
            {
                "version": one.version,
                "recorded_at": said(one.recorded_at, home.zone),
                "sha256": source_sha256(one.source),
            }
            for one in list_versions(connection, licence_type.code)
        ]


def _facts(licence_type: LicenceType) -> dict[str, object]:
    return {
        "code": licence_type.code,
        "slug": licence_type.slug,
        "name_zh": licence_type.name.zh,
        "name_en": licence_type.name.en,
        "number": licence_type.number.kind,
        "validity": licence_type.validity.kind,
        "years": licence_type.validity.years,
        "licences": licence_type.holder.licences,
        "second_person": licence_type.desk.second_person,
        "fields": [
            {
                "key": rule.key,
                "label": rule.label.as_json(),
                "kind": rule.kind,
                "required": rule.required,
                "on_face": rule.on_face,
                "public": rule.public,
                "mask": rule.mask,
            }
            for rule in licence_type.ordered
        ],
    }


def _row(rule: FieldRule, output: Output) -> dict[str, str]:
    heads = [
        text.to(output.language)
        for text in (
            messages.FIELD,
            messages.KEY,
            messages.KIND,
            messages.MUST_BE_ENTERED,
            messages.ON_THE_PAGE,
            messages.THE_PUBLIC_SEES,
        )
    ]
    on_page = rule.on_face or rule.kind is FieldKind.PHOTO
    seen = rule.mask or _TICK if rule.public else ""
    cells = [
        rule.label.to(output.language),
        rule.key,
        rule.check or rule.kind,
        _TICK if rule.required else "",
        _TICK if on_page else "",
        seen,
    ]
    return dict(zip(heads, cells, strict=True))


def find_type(home: Home, named: str) -> LicenceType:
    """Return a type from a file, or from the register where there is no such file.

    On record, `NAME@2` is the second definition that the type has had. Raises `BadTypeError`,
    `NotFoundError`, `UnreadableInputError`, `UsageError`.
    """
    if is_file(named):
        return parse_type(read_text_file(Path(named)))
    name, at, version = named.partition("@")
    with home.database.reading() as connection:
        found = home.catalogue.find(connection, name)
        if not at:
            return found
        if not (version.isascii() and version.isdecimal()):
            raise UsageError(messages.VERSION_MALFORMED)
        return find_version(connection, found, int(version))


def is_file(named: str) -> bool:
    """Tell whether a definition's file was named, and no type on record."""
    path = Path(named)
    return path.suffix == ".toml" or path.is_file()


def _today(home: Home) -> date:
    """Return the civil date; samples need no home, and no settings then."""
    return civil_date(home.clock.now(), ZONE)


def _renderer(home: Home) -> LicenceRenderer:
    """Return the home's renderer with its further fonts; where there is no home, one without."""
    return home.renderer if (home.directory / FILE_NAME).exists() else LicenceRenderer()


_AUDIENCES = {
    Audience.HOLDERS: messages.FOR_HOLDERS,
    Audience.VERIFIERS: messages.FOR_VERIFIERS,
    Audience.OFFICERS: messages.FOR_OFFICERS,
}
DRAFTING_COMMANDS = (lint, preview, sample, diff, show)
