"""Search for licences as people look for them: a text and filters, the newest first, by the page.

A text is words with blanks between, all of which must be found: part of a holder's name or of a
title, a number, its beginning or its end (four characters at least), the name of a type, an
identifier, or a holder's whole code. The search goes along the shortest list of entries that it
can find, and compares the rest of what is asked for on the way; so a list is never sorted.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    false,
    func,
    or_,
    select,
    true,
    union,
)

from core.ids import AuthorityId, TypeCode
from registry.db.tables import licence_types, licences, search_entries, search_grams
from registry.licences.hiding import is_of_code
from registry.licences.licences import is_in, select_licences
from registry.licences.search_index import (
    fold,
    gram_of,
    grams_beginning,
    grams_in,
)
from registry.model import Licence, LicenceState
from registry.privacy.codes import Privacy, privacy_of

MOST_COUNTED: Final = 200
"""So many are counted; beyond, the answer says “more than”."""
LONGEST_TEXT: Final = 100
MOST_WORDS: Final = 6
_RARE = 2000
"""A list of so many entries is gone through whole."""
_COMMON = 20_000
MOST_ALONG: Final = 200_000
"""A page goes along so many entries: what it has by then is the page, the next goes on from there.
Else one question's cost would grow with the register."""
_FIRST_ALONG = 5000
"""So many are tried first: most pages are full by then, and the end of a long way is far."""
_GRAMS_TRIED = 8
_COMPUTED = frozenset((LicenceState.IN_FORCE, LicenceState.EXPIRED, LicenceState.PENDING))
"""States that may be stored as another."""
_SHORTEST_PART = 4
"""Characters of a part of a number: three are part of too many."""
_LAST = "\U0010ffff"
_ENTRY = search_entries.c
_GRAM = search_grams.c


@dataclass(frozen=True, slots=True)
class LicenceFilter:
    """Search for licences; all that is given must hold."""

    on: date
    """The day whose states are meant."""
    text: str = ""
    state: LicenceState | None = None
    type_code: TypeCode | None = None
    type_codes: tuple[TypeCode, ...] | None = None
    """Any of these; none at all finds nothing."""
    authority_id: AuthorityId | None = None
    granted_from: date | None = None
    granted_until: date | None = None
    """The last day."""

    def told(self, privacy: Privacy) -> dict[str, str]:
        """Return it for the audit. The text is a name or a code, which nothing could erase there:
        its token shows who has the index's key whether a given text was asked for.
        """
        given = {
            "state": self.state,
            "type": self.type_code,
            "types": None if self.type_codes is None else " ".join(self.type_codes),
            "authority": self.authority_id,
            "granted_from": self.granted_from,
            "granted_until": self.granted_until,
        }
        said = {name: str(value) for name, value in given.items() if value is not None}
        return said | ({"text_token": privacy.index.token("text", self.text)} if self.text else {})


@dataclass(frozen=True, slots=True)
class FoundLicences:
    """A page of what was found, the newest first."""

    licences: list[Licence]
    older: int | None = None
    """Entry after which the next page begins. A page before it may be short, or empty, where few
    of very many are what is looked for."""
    count: int | None = None
    """How many there are, of the first page alone; at most `MOST_COUNTED`."""
    more: bool = False
    """There are, or may be, more than `count`."""


@dataclass(frozen=True, slots=True)
class _Word:
    """A word, and where it may stand."""

    text: str
    code: str
    """As a number or code: capitals."""
    types: tuple[str, ...] = ()
    """Codes of the types whose names it is part of."""
    holders: tuple[str, ...] = ()
    """Identifiers of licences of the holder whose code it is, or whose hidden number, of more than
    `_RARE` not all."""
    held: Select[Any] | None = None
    """Finds all of these."""

    @property
    def is_part_of_number(self) -> bool:
        """It may be, by its characters."""
        return _is_like_number(self.code)

    def holds(self) -> ColumnElement[bool]:
        """Say in SQL that it is found in an entry."""
        found = [_ENTRY.words.contains(self.text, autoescape=True)]
        if self.is_part_of_number:
            found += self.number_ranges()
            found.append(_ENTRY.identifier == self.code)
        if self.types:
            found.append(_ENTRY.type_code.in_(self.types))
        if self.held is not None and len(self.holders) > _RARE:
            found.append(_ENTRY.identifier.in_(self.held))
        elif self.holders:
            found.append(_ENTRY.identifier.in_(self.holders))
        return or_(*found)

    def number_ranges(self) -> list[ColumnElement[bool]]:
        """Return the conditions that a number begins with it, and that it ends so."""
        return [
            and_(column >= part, column < f"{part}{_LAST}")
            for column, part in (
                (_ENTRY.number, self.code),
                (_ENTRY.number_backwards, self.code[::-1]),
            )
        ]


@dataclass(frozen=True, slots=True)
class _Way:
    """A list of entries in which all that is looked for is, and how long it is."""

    gram: int | None = None
    """The entries of a gram, in order."""
    entries: tuple[int, ...] = ()
    """Or these."""
    state: LicenceState | None = None
    """Or those of a state that few have."""
    length: int = 0


@dataclass(frozen=True, slots=True)
class _Plan:
    conditions: list[ColumnElement[bool]]
    way: _Way | None
    """None: all entries."""
    further: tuple[int, ...] = ()
    """Other grams that an entry must have: an index alone tells which entries need be read."""


class LicenceFinder:
    """Answers searches within a transaction, of all licences or of some authorities' alone."""

    def __init__(
        self, connection: Connection, authorities: Collection[AuthorityId] | None = None
    ) -> None:
        self._connection = connection
        self._authorities = None if authorities is None else sorted(authorities)

    def page(
        self, sought: LicenceFilter, *, after: int | None = None, limit: int = 50
    ) -> FoundLicences:
        """Return a page; of the first one the count too."""
        plan = self._plan(sought)
        if plan is None:
            return FoundLicences([], count=0)
        most = limit + 1 if after is not None else max(limit, MOST_COUNTED) + 1
        rows, reached = self._along(plan, after, most)
        shown = rows[:limit]
        found = FoundLicences(
            self._licences([row.identifier for row in shown]),
            shown[-1].entry if len(rows) > limit else reached,
        )
        if after is not None:
            return found
        counted = min(len(rows), max(limit, MOST_COUNTED))
        return replace(found, count=counted, more=len(rows) > counted or reached is not None)

    def _licences(self, identifiers: list[str]) -> list[Licence]:
        if not identifiers:
            return []
        found = select_licences(self._connection, licences.c.identifier.in_(identifiers))
        by_id = {str(one.identifier): one for one in found}
        return [by_id[one] for one in identifiers if one in by_id]

    def _along(self, plan: _Plan, after: int | None, most: int) -> tuple[list[Any], int | None]:
        """Return the newest entries on the way for which all conditions hold, and after which entry
        to go on where the way was not gone to its end for them.
        """
        order, query = _ENTRY.entry, select(_ENTRY.entry, _ENTRY.identifier)
        way = plan.way
        if way is not None and way.state is not None:
            query = query.where(_ENTRY.identifier.in_(_in_state(way.state)))
        elif way is not None and way.gram is not None:
            order = _GRAM.entry
            query = query.join_from(search_grams, search_entries, _GRAM.entry == _ENTRY.entry)
            query = query.where(_GRAM.gram == way.gram, *map(_has_gram, plan.further))
        elif way is not None:
            query = query.where(_ENTRY.entry.in_(way.entries))
        if after is not None:
            query = query.where(order < after)
        query = query.where(*plan.conditions).order_by(order.desc()).limit(most)
        for length in (min(_FIRST_ALONG, MOST_ALONG), MOST_ALONG):
            last = self._last_along(plan, order, after, length)
            bounded = query if last is None else query.where(order >= last)
            rows = list(self._connection.execute(bounded).all())
            if len(rows) == most:
                return rows, None
            if last is None:
                break
        return rows, last

    def _last_along(
        self, plan: _Plan, order: ColumnElement[int], after: int | None, length: int
    ) -> int | None:
        """Return the last of so many entries on a way; None where there are no more."""
        way = plan.way
        if not plan.conditions or (way is not None and way.length <= _COMMON):
            return None
        query = select(order)
        if way is not None:
            query = query.where(_GRAM.gram == way.gram)
        if after is not None:
            query = query.where(order < after)
        # The one behind it is looked for, so that no empty page follows at the end.
        query = query.order_by(order.desc()).offset(length - 1).limit(2)
        found = list(self._connection.execute(query).scalars())
        return found[0] if len(found) > 1 else None

    def _plan(self, sought: LicenceFilter) -> _Plan | None:
        """Return the way to go and what to compare; None where there can be nothing."""
        bodies = self._bodies(sought)
        words = None if bodies == [] else self._words(sought.text, bodies)
        if words is None:
            return None
        conditions: list[ColumnElement[bool]] = [word.holds() for word in words]
        ways = [way for word in words if (way := self._way_of(word)) is not None]
        if bodies is not None:
            conditions.append(_ENTRY.authority_id.in_(bodies))
            if len(bodies) == 1:
                ways.append(self._measured(gram_of("authority", bodies[0])))
        if sought.type_code is not None:
            conditions.append(_ENTRY.type_code == sought.type_code)
            ways.append(self._measured(gram_of("type", sought.type_code)))
        if sought.type_codes is not None:
            conditions.append(_ENTRY.type_code.in_(sought.type_codes))
            ways += self._of_types(sought.type_codes)
        conditions += _in_time(sought)
        if sought.state is not None:
            ways += (rare := self._rare_state(sought.state))
            if not rare and self._is_uncommon(sought.state):
                conditions.append(_ENTRY.identifier.in_(_in_state(sought.state)))
            conditions.append(_stands(sought.state, sought.on))
        way = min(ways, key=lambda one: one.length, default=None)
        if way is not None and way.length == 0:
            return None
        grams = {one.gram for one in ways if one.gram is not None and one is not way}
        return _Plan(conditions, way, tuple(sorted(grams)))

    def _bodies(self, sought: LicenceFilter) -> list[AuthorityId] | None:
        """Return the authorities whose licences are meant; None: all."""
        if sought.authority_id is None:
            return self._authorities
        if self._authorities is not None and sought.authority_id not in self._authorities:
            return []
        return [sought.authority_id]

    def _words(self, text: str, bodies: list[AuthorityId] | None) -> list[_Word] | None:
        """Return the words of a text; None where one of them is found nowhere."""
        found = []
        text = text[:LONGEST_TEXT]
        whole = self._is_number(fold(text).upper(), bodies)
        for one in [text] if whole else text.split()[:MOST_WORDS]:
            folded = fold(one)
            if not folded or "\0" in folded:
                return None
            word = _Word(folded, folded.upper())
            word = replace(word, types=self._types_named(folded))
            found.append(self._with_holders(word))
        return found

    def _is_number(self, code: str, bodies: list[AuthorityId] | None) -> bool:
        """Tell whether a text is a number or identifier on record, with blanks in it or not.

        Of these authorities alone: what is found must not depend on what is out of reach.
        """
        if not _is_like_number(code):
            return False
        one = (_ENTRY.number == code) | (_ENTRY.identifier == code)
        if bodies is not None:
            one &= _ENTRY.authority_id.in_(bodies)
        return bool(self._entries(_ENTRY.entry, one))

    def _types_named(self, word: str) -> tuple[str, ...]:
        """Return the codes of the types whose names a word is part of."""
        if len(word) < 2:  # noqa: PLR2004  # one character is part of nearly all
            return ()
        column = licence_types.c
        rows = self._connection.execute(
            select(column.code, column.slug, column.name_zh, column.name_en)
        )
        return tuple(
            row.code
            for row in rows
            if word in (row.code.casefold(), row.slug)
            or any(word in fold(name) for name in (row.name_zh, row.name_en))
        )

    def _with_holders(self, word: _Word) -> _Word:
        """Return a word with the licences of the holder whose whole code it is, and those whose
        number is hidden and is this one: by the tokens in the record's own indices.
        """
        if not word.is_part_of_number:
            return word
        held = _held_by(self._connection, word.code)
        found = self._connection.execute(held.limit(_RARE + 1)).scalars()
        return replace(word, holders=tuple(found), held=held)

    def _way_of(self, word: _Word) -> _Way | None:
        """Return the list of all entries in which a word may be, if one can be had."""
        way = self._way_of_name(word.text)
        if not (word.types or word.holders or word.is_part_of_number):
            return way
        # It may stand elsewhere than in a name: all these together, where they are few.
        if way is None or way.length > _RARE or len(word.holders) > _RARE:
            return None
        entries = set(way.entries)
        if way.gram is not None:
            entries |= set(self._entries(_GRAM.entry, _GRAM.gram == way.gram))
        elsewhere: list[ColumnElement[bool]] = []
        if word.holders:
            elsewhere.append(_ENTRY.identifier.in_(word.holders))
        if word.is_part_of_number:
            elsewhere += word.number_ranges()
            elsewhere.append(_ENTRY.identifier == word.code)
        for condition in elsewhere:
            entries |= set(self._entries(_ENTRY.entry, condition))
            if len(entries) > _RARE:
                return None
        for code in word.types:
            entries |= set(self._entries(_GRAM.entry, _GRAM.gram == gram_of("type", code)))
            if len(entries) > _RARE:
                return None
        return _Way(entries=tuple(sorted(entries)), length=len(entries))

    def _way_of_name(self, word: str) -> _Way | None:
        if len(word) == 1:
            first, last = grams_beginning(word)
            found = self._entries(_GRAM.entry, _GRAM.gram.between(first, last))
            if len(found) > _RARE:
                return None
            return _Way(entries=tuple(sorted(set(found))), length=len(set(found)))
        ways = [self._measured(one, _RARE) for one in grams_in(word)[:_GRAMS_TRIED]]
        shortest = min(ways, key=lambda one: one.length)
        if shortest.length <= _RARE:
            return shortest
        longer = [self._measured(one.gram or 0) for one in ways]
        return min(longer, key=lambda one: one.length)

    def _measured(self, gram: int, most: int = _COMMON) -> _Way:
        """Return the list of a gram with its length, beyond `most` only roughly."""
        counted = select(_GRAM.entry).where(_GRAM.gram == gram).limit(most + 1).subquery()
        length = self._connection.execute(select(func.count()).select_from(counted)).scalar_one()
        return _Way(gram, length=length)

    def _entries(self, column: ColumnElement[int], condition: ColumnElement[bool]) -> list[int]:
        query = select(column).where(condition).limit(_RARE + 1)
        return list(self._connection.execute(query).scalars())

    def _of_types(self, codes: Collection[TypeCode]) -> list[_Way]:
        """Return the entries of some types, if they are few or of one type."""
        lists = [self._measured(gram_of("type", one)) for one in codes]
        if len(lists) == 1:
            return lists
        if sum(one.length for one in lists) > _RARE:
            return []
        found = {
            entry
            for one in lists
            for entry in self._entries(_GRAM.entry, _GRAM.gram == (one.gram or 0))
        }
        return [_Way(entries=tuple(sorted(found)), length=len(found))]

    def _is_uncommon(self, state: LicenceState) -> bool:
        """Tell whether a state is stored as it is, and of so few that they are worth listing."""
        if state in _COMPUTED:
            return False
        counted = _in_state(state).limit(_COMMON + 1).subquery()
        length = self._connection.execute(select(func.count()).select_from(counted)).scalar_one()
        return length <= _COMMON

    def _rare_state(self, state: LicenceState) -> list[_Way]:
        """Return the entries of a state that is stored as it is, if few have it."""
        if state in _COMPUTED:
            return []
        counted = _in_state(state).limit(_RARE + 1).subquery()
        length = self._connection.execute(select(func.count()).select_from(counted)).scalar_one()
        return [_Way(state=state, length=length)] if length <= _RARE else []


def _has_gram(gram: int) -> ColumnElement[bool]:
    """Say in SQL that an entry on the way of a gram has another one too."""
    other = search_grams.alias()
    its = select(true()).where(other.c.gram == gram, other.c.entry == _GRAM.entry)
    return its.correlate(search_grams).exists()


def _is_like_number(code: str) -> bool:
    return len(code) >= _SHORTEST_PART and code.isascii() and any(map(str.isdigit, code))


def _held_by(connection: Connection, code: str) -> Select[Any]:
    """Return the query of what a whole code or hidden number leads to; each by its own index."""
    ways = [is_of_code(connection, code)]
    index = privacy_of(connection).its_index
    if index is not None:
        ways.append(licences.c.number == index.number(code))
    parts = [select(licences.c.identifier).where(one) for one in ways]
    return parts[0] if len(parts) == 1 else select(union(*parts).subquery().c.identifier)


def _in_state(state: LicenceState) -> Select[Any]:
    return select(licences.c.identifier).where(licences.c.state == state)


def _in_time(sought: LicenceFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if sought.granted_from is not None:
        found.append(_ENTRY.granted_on >= sought.granted_from)
    if sought.granted_until is not None:
        found.append(_ENTRY.granted_on <= sought.granted_until)
    return found


def _stands(state: LicenceState, on: date) -> ColumnElement[bool]:
    """Say that a licence is in a state: by its record alone, which is found by its key.

    A scalar subquery, so that no planner begins with the states.
    """
    its = select(true()).where(licences.c.identifier == _ENTRY.identifier, is_in(state, on))
    return func.coalesce(its.correlate(search_entries).scalar_subquery(), false())
