"""Copies of one licence by the million, made by the database itself.

Every table that a grant writes gets its rows, under numbers, links, digests and holders' codes of
their own: five years of grants, a tenth of them expired, three in a hundred about to be, and the
events of each in the audit's chain, which holds. Names come from a pool of made-up ones. There are
no documents. Indexes and unique constraints are taken down meanwhile and built afterwards. Not for
a register of anyone's: nothing is flushed to disk, and no foreign key is checked.
"""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import Table

from bench.sizes.names import made_up_name
from core.canonical import canonical_json
from registry.audit.chain import ChainEnd
from registry.db.tables import (
    audit_events,
    certificates,
    licences,
    protections,
    revisions,
    search_entries,
    search_grams,
    series,
)
from registry.licences.search_index import fold, gram_of, grams_in

FILLED: Final = "1.2.156.3005.2.bench."
"""Beginning of the identifiers of copies."""
_NAMES: Final = 50_000
_SPAN, _TERM = 2000, 1826
"""Days over which they were granted, and for which they are valid."""
_A_CERTIFICATE: Final = 100
"""One for so many licences; one of a hundred of them is revoked."""
TABLES: Final = (
    series,
    licences,
    revisions,
    protections,
    audit_events,
    certificates,
    search_entries,
    search_grams,
)
"""Those that are filled."""
Row = tuple[Any, ...]


class Session(Protocol):
    """A connection to either database that takes plain SQL."""

    def run(self, sql: str) -> None:
        """Execute a statement."""

    def rows(self, sql: str) -> list[Row]:
        """Return what a query finds."""

    def put(self, table: str, rows: Sequence[Row]) -> None:
        """Insert rows."""

    def date(self, start: date, days: str) -> str:
        """Return the SQL of a date so many days after another."""

    def instant(self, day: str) -> str:
        """Return the SQL of a date's first instant, UTC, as it is stored."""

    def random(self, octets: int, what: str) -> str:
        """Return the SQL of hexadecimal digits, others for each number `n` and for each thing."""

    def numbers(self, first: int, end: int) -> str:
        """Return the SQL of a table `num` with a row `n` for each number before `end`."""

    def integer(self, number: int) -> str:
        """Return the SQL of a number that may grow large."""

    def sha256(self, text: str) -> str:
        """Return the SQL of a text's SHA-256, hexadecimal."""

    def json(self, text: str) -> str:
        """Return the SQL of a JSON value that is given as SQL of a text."""

    def bare(self) -> AbstractContextManager[None]:
        """Go without indexes while the block runs."""


@dataclass(frozen=True, slots=True)
class Filling:
    """A piece of work: copies of `model`, numbered from `first`."""

    model: str
    first: int
    count: int
    today: date
    narrow: bool
    """Leave out most of what is only read with a licence itself: 10^7 take 60 GB with it."""


def fill(session: Session, work: Filling) -> ChainEnd:
    """Make the copies; return where the audit's chain ends then."""
    _make_names(session)
    with session.bare():
        end = _Copies(session, work).make()
    for name in ("bench_names", "bench_grams", "bench_model"):
        session.run(f"DROP TABLE IF EXISTS {name}")
    moved = f"UPDATE audit_chain SET sequence = {end.sequence}, hash = '{end.hash}'"
    session.run(moved)
    return end


def _make_names(session: Session) -> None:
    chance = random.Random(3)  # the same names in each run
    session.run("DROP TABLE IF EXISTS bench_names")
    session.run("DROP TABLE IF EXISTS bench_grams")
    session.run("CREATE TABLE bench_names (id INTEGER PRIMARY KEY, name TEXT, words TEXT)")
    session.run("CREATE TABLE bench_grams (gram INTEGER, id INTEGER)")
    names = [made_up_name(chance) for _ in range(_NAMES)]
    session.put("bench_names", [(n, one, fold(one)) for n, one in enumerate(names)])
    grams = [(g, n) for n, one in enumerate(names) for g in grams_in(f"{fold(one)}\n")]
    session.put("bench_grams", grams)


class _Copies:
    def __init__(self, session: Session, work: Filling) -> None:
        self._session, self._work = session, work
        self._mine = f"identifier = '{work.model}'"
        self._start = work.today - timedelta(days=_SPAN)
        self._id = self._id_of("n")
        self._days = self._days_of("n")
        self._day = session.date(self._start, self._days)
        self._state = (
            "CASE WHEN n % 100 < 93 THEN 'IN_FORCE' WHEN n % 100 < 97 THEN 'CANCELLED' "
            "WHEN n % 100 < 99 THEN 'REPLACED' ELSE 'SUSPENDED' END"
        )

    def make(self) -> ChainEnd:
        """Make the rows of all tables."""
        ((sequence, previous),) = self._session.rows("SELECT sequence, hash FROM audit_chain")
        end = self._record_grants(ChainEnd(sequence, previous))
        self._copy_licences()
        self._copy_documents(sequence)
        self._index()
        self._certify()
        return self._record_notices(end)

    def _copy_licences(self) -> None:
        number = "'JY' || (10000000000000 + n * 7919)"
        mine = self._mine
        open_ = f"({self._state}) IN ('IN_FORCE', 'SUSPENDED')"
        of_series = f"series_id = (SELECT series_id FROM licences WHERE {mine})"
        keys = {"series_id": self._id, "number": number}
        self._copy(series, {**keys, "open": open_}, of_series)
        at = self._session.instant(self._day)
        other = {
            **keys,
            "identifier": self._id,
            "state": self._state,
            "holder_code": f"'~' || {self._session.random(21, 'holder')}",
            "holder_name": "w.name",
            "granted_on": self._day,
            "valid_from": self._day,
            "valid_until": self._session.date(self._start, f"({self._days} + {_TERM})"),
            "link_token": self._session.random(13, "link"),
            "created_at": at,
            "changed_at": at,
            "request_key": "NULL",
            "claim": "NULL",
        }
        if self._work.narrow:
            other["data"] = self._session.json("'{}'")
            other["secret"] = "substr(m.secret, 1, 100)"
        self._copy(licences, other, mine, f"JOIN bench_names w ON w.id = n % {_NAMES}")

    def _copy_documents(self, sequence: int) -> None:
        granted = f"{sequence} + 2 * (n - {self._work.first} + 1)"
        other = {
            "identifier": self._id,
            "sha256": self._session.random(32, "sha256"),
            "signed_digest": self._session.random(32, "signed"),
            "event": granted,
            "registered_at": self._session.instant(self._day),
        }
        if self._work.narrow:
            other["judgement"] = self._session.json("'null'")
        self._copy(revisions, other, self._mine)
        until = self._session.instant(self._session.date(self._start, f"({self._days} + 3650)"))
        other = {"identifier": self._id, "certificate_until": until}
        self._copy(protections, other, self._mine)

    def _index(self) -> None:
        ((highest,),) = self._session.rows("SELECT max(entry) FROM search_entries")
        first = self._work.first
        backwards = "(10000000000000 + n * 9973 % 10000000000000) || 'YJ'"
        other = {
            "entry": f"{highest + 1 - first} + n",
            "identifier": self._id,
            "granted_on": self._day,
            "words": "w.words",
            "number": "'JY' || (10000000000000 + n * 7919)",
            "number_backwards": backwards,
        }
        mine = self._mine
        self._copy(search_entries, other, mine, f"JOIN bench_names w ON w.id = n % {_NAMES}")
        query = f"SELECT authority_id, type_code FROM search_entries WHERE {mine}"
        ((body, code),) = self._session.rows(query)
        for gram in sorted((gram_of("authority", body), gram_of("type", code))):
            entry = f"SELECT {gram}, {highest + 1 - first} + n FROM {self._numbers()}"
            self._session.run(f"INSERT INTO search_grams (gram, entry) {entry}")
        last = (self._work.first + self._work.count - 1) // _NAMES
        turns = self._numbers(self._work.first // _NAMES, last + 1)
        n = f"g.id + n * {_NAMES}"
        self._session.run(
            f"INSERT INTO search_grams (gram, entry) SELECT g.gram, {n} + {highest + 1 - first} "
            f"FROM bench_grams g CROSS JOIN {turns} "
            f"WHERE {n} >= {first} AND {n} < {first + self._work.count} ORDER BY 1, 2"
        )

    def _certify(self) -> None:
        """Copy a certificate for every hundredth; of those every hundredth is revoked."""
        revoked = f"n % {_A_CERTIFICATE * 100} = 0"
        other = {
            "serial": f"'4' || {self._session.random(16, 'serial')}",
            "sha256": self._session.random(32, "certificate"),
            "spki_sha256": self._session.random(32, "spki"),
            "state": f"CASE WHEN {revoked} THEN 'REVOKED' ELSE m.state END",
            "revoked_at": f"CASE WHEN {revoked} THEN m.issued_at END",
            "reason": f"CASE WHEN {revoked} THEN 'superseded' END",
        }
        seal = "serial = (SELECT serial FROM certificates WHERE profile = 'seal' LIMIT 1)"
        self._copy(certificates, other, seal, f"WHERE n % {_A_CERTIFICATE} = 0")

    def _record_grants(self, end: ChainEnd) -> ChainEnd:
        reserved, granted = (
            self._event(f"licence.{done}", narrow)
            for done, narrow in (
                ("reserved", {"seal": "bench"}),
                ("granted", {"state": "IN_FORCE"}),
            )
        )
        first = self._work.first
        place = "({} + {} / 2)".format
        return self._record(
            end, 2 * self._work.count, lambda k: place(first, k), (reserved, granted)
        )

    def _record_notices(self, end: ChainEnd) -> ChainEnd:
        """Tell of those whose terms end soon, as the service would have."""
        count = self._work.count
        for days, soonest, latest in ((30, 0, 30), (60, 31, 60)):
            begun, ended = (
                -(-(_SPAN - _TERM + day) * count // _SPAN) for day in (soonest, latest + 1)
            )
            event = _Event(f"licence.expires_in_{days}", None, {"within": days})
            place = f"({self._work.first + begun} + {{}})".format
            end = self._record(end, ended - begun, place, (event, event))
        return end

    def _event(self, action: str, narrow: Mapping[str, object]) -> "_Event":
        query = (
            f'SELECT "before", "after" FROM audit_events WHERE action = \'{action}\' '
            f"AND subject = '{self._work.model}'"
        )
        (found,) = self._session.rows(query)
        before, after = (json.loads(one) if isinstance(one, str) else one for one in found)
        return _Event(action, before, narrow if self._work.narrow else after)

    def _record(
        self,
        end: ChainEnd,
        count: int,
        place: Callable[[str], str],
        events: tuple["_Event", "_Event"],
    ) -> ChainEnd:
        """Add events to the chain, of two kinds by turns; `place` says of which licence, by `k`."""
        if count <= 0:
            return end
        session = self._session
        hashed = self._by_turns(
            "(k + 1)",
            *(
                one.canonical(
                    session.date(self._start, self._days_of(place("(k + 1)"))),
                    self._id_of(place("(k + 1)")),
                    f"({end.sequence + 1} + k + 1)",
                )
                for one in events
            ),
        )
        kinds = ("action", "before", "after")
        one, other = (event.columns(session) for event in events)
        chosen = ", ".join(self._by_turns("k", *both) for both in zip(one, other, strict=True))
        columns = ", ".join(f'"{name}"' for name in ("sequence", "at", "actor", *kinds))
        at = session.instant(session.date(self._start, self._days_of(place("k"))))
        session.run(
            f"INSERT INTO audit_events ({columns}, subject, basis, hash) "
            "WITH RECURSIVE chain(k, h) AS ("
            f"SELECT {session.integer(-1)}, '{end.hash}' UNION ALL "
            f"SELECT k + 1, {session.sha256(hashed)} FROM chain WHERE k + 1 < {count}) "
            f"SELECT {end.sequence + 1} + k, {at}, 'local:bench', {chosen}, "
            f"{self._id_of(place('k'))}, 'bench', h FROM chain WHERE k >= 0"
        )
        query = "SELECT sequence, hash FROM audit_events ORDER BY sequence DESC LIMIT 1"
        return ChainEnd(*self._session.rows(query)[0])

    def _id_of(self, n: str) -> str:
        return f"'{FILLED}' || (1000000000 + {n})"

    def _days_of(self, n: str) -> str:
        return f"(({n} - {self._work.first}) * {_SPAN} / {self._work.count})"

    @staticmethod
    def _by_turns(k: str, one: str, other: str) -> str:
        return one if one == other else f"CASE WHEN {k} % 2 = 0 THEN {one} ELSE {other} END"

    def _numbers(self, first: int | None = None, end: int | None = None) -> str:
        begun = self._work.first if first is None else first
        return self._session.numbers(
            begun, self._work.first + self._work.count if end is None else end
        )

    def _copy(self, table: Table, other: Mapping[str, str], model: str, further: str = "") -> None:
        """Copy one row for each number, with other values in some columns."""
        names = [one.name for one in table.c]
        chosen = ", ".join(other.get(one, f'm."{one}"') for one in names)
        columns = ", ".join(f'"{one}"' for one in names)
        # Apart from the table: SQLite would put all rows aside before it writes one.
        self._session.run("DROP TABLE IF EXISTS bench_model")
        kept = f"SELECT * FROM {table.name} WHERE {model} LIMIT 1"
        self._session.run(f"CREATE TABLE bench_model AS {kept}")
        self._session.run(
            f"INSERT INTO {table.name} ({columns}) SELECT {chosen} "
            f"FROM bench_model AS m CROSS JOIN {self._numbers()} {further}"
        )


@dataclass(frozen=True, slots=True)
class _Event:
    action: str
    before: object
    after: object

    def canonical(self, day: str, subject: str, sequence: str) -> str:
        """Return the SQL of what its hash is over; `h` is the hash before it."""
        named = {
            "sequence": 987654321,
            "at": "@AT@",
            "actor": "local:bench",
            "authority": None,
            "action": self.action,
            "subject": "@SUBJECT@",
            "basis": "bench",
            "before": self.before,
            "after": self.after,
            "previous": "@PREVIOUS@",
        }
        text = _quoted(canonical_json(named).decode())
        at = f"{day} || 'T00:00:00.000000+00:00'"
        marks = {"@AT@": at, "@SUBJECT@": subject, "@PREVIOUS@": "h", "987654321": f"({sequence})"}
        for mark, sql in marks.items():
            text = text.replace(mark, f"' || {sql} || '")
        return text

    def columns(self, session: Session) -> tuple[str, str, str]:
        """Return the SQL of action, state before and after."""
        before, after = (
            session.json(_quoted(json.dumps(one))) for one in (self.before, self.after)
        )
        return _quoted(self.action), before, after


def _quoted(text: str) -> str:
    return "'{}'".format(text.replace("'", "''"))
