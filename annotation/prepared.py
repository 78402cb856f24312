"""Statements of the annotator's path: the server parses and plans each once a connection, then only runs it.

They go to the server through psycopg's own libpq rather than its cursors, which cost several times what most of these
statements do. Transactions, errors and the log of queries are Django's all the same.
"""

from __future__ import annotations

import json
import re
import select
import time
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

import orjson
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model
from django.db.models.base import ModelState
from psycopg import DataError, errors
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg.types.json import Jsonb

RowT = TypeVar("RowT", bound=Model)
Asked = tuple[str, Mapping[str, Any]]

_PLACE = re.compile(r"%\((\w+)\)s")
JSON_OID, TIMESTAMPTZ_OID = 114, 1184
_FAILED = (ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE)


def run(statement: str, parameters: Mapping[str, Any]) -> list[Any]:
    """Run a statement with its parameters bound by the server and return its rows, named by column.

    As everywhere on Django's connections a jsonb comes as a text: select it as json.
    """
    return together((statement, parameters))[0]


def together(*asked: Asked, commits: bool = False) -> list[list[Any]]:
    """Run statements one after the other in a single round trip and return the rows of each.

    Raise what the first that fails raises; none after it has run. `commits` ends the outermost transaction with them:
    whoever says so has nothing more to do in it.
    """
    proof = _presumed.get()
    if proof is None or proof.holds:
        return _sent(asked, commits=commits)
    if commits or not connections[DEFAULT_DB_ALIAS].in_atomic_block:  # nothing could be taken back any more
        proof.see(_sent([proof.asked])[0])
        return _sent(asked, commits=commits)
    first, *rows = _sent([proof.asked, *asked])
    proof.see(first)
    return rows


def _sent(asked: Sequence[Asked], *, commits: bool = False) -> list[list[Any]]:
    here = connections[DEFAULT_DB_ALIAS]
    here.validate_no_broken_transaction()
    here.ensure_connection()
    raw = here.connection
    begun = time.monotonic()
    with here.wrap_database_errors:
        line = getattr(raw, "line_for_prepared", None) or _Line(raw)
        rows = line.ask(asked, commits=commits and here.in_atomic_block and not here.savepoint_ids)
    if here.queries_logged:
        took = f"{time.monotonic() - begun:.3f}"
        here.queries_log.extend({"sql": statement, "time": took} for statement, _ in asked)
    return rows


class Mistaken(Exception):
    """What was presumed does not hold, and nothing has been done on it."""


@dataclass(slots=True)
class Proof:
    """A statement, and the only row that may come of it for a presumption to hold."""

    asked: Asked
    expected: tuple[Any, ...]
    holds: bool = False

    def see(self, rows: list[Any]) -> None:
        if rows != [self.expected]:
            raise Mistaken
        self.holds = True


_presumed: ContextVar[Proof | None] = ContextVar("presumed", default=None)


@contextmanager
def presuming(proof: Proof) -> Iterator[None]:
    """Send a proof ahead of the block's first statements, in the same round trip; theirs raise Mistaken if it fails.

    `proof.holds` tells at the end whether anything was sent at all.
    """
    before = _presumed.set(proof)
    try:
        yield
    finally:
        _presumed.reset(before)


def built(model: type[RowT], columns: Mapping[str, Any], **related: Model | None) -> RowT:
    """Return a stored row of the model from some of its columns; the others load when somebody asks for them.

    What `from_db` does, without a walk over all fields: it is paid a dozen times a hand-over. `related` are rows that
    its foreign keys, which are among the columns, refer to.
    """
    row = model.__new__(model)
    row.__dict__.update(columns)
    row._state = state = ModelState()
    state.adding, state.db, state.fields_cache = False, DEFAULT_DB_ALIAS, related
    return row


class _Plan:
    """A statement as the server knows it."""

    numbers = count()

    def __init__(self, statement: str) -> None:
        self.name = b"bennet_%d" % next(self.numbers)
        self.parameters = list(dict.fromkeys(_PLACE.findall(statement)))
        place = {name: f"${number}" for number, name in enumerate(self.parameters, 1)}
        self.text = _PLACE.sub(lambda found: place[found[1]], statement).replace("%%", "%").encode()

    def bind(self, parameters: Mapping[str, Any]) -> list[bytes | None]:
        return [None if (value := parameters[name]) is None else _written(value) for name in self.parameters]


_plan = cache(_Plan)


class _Line:
    """What one connection knows: which statements are prepared on it, and how their rows are read."""

    def __init__(self, raw: Any) -> None:
        raw.line_for_prepared = self
        self.raw, self.pgconn = raw, raw.pgconn
        self.prepared: set[_Plan] = set()
        self.readers: dict[_Plan, _Reader] = {}
        self.readable, self.ready = select.poll(), select.poll()
        self.readable.register(self.pgconn.socket, select.POLLIN)
        self.ready.register(self.pgconn.socket, select.POLLIN | select.POLLOUT)

    def ask(self, asked: Sequence[Asked], *, commits: bool) -> list[list[Any]]:
        plans = [_plan(statement) for statement, _ in asked]
        for plan in plans:
            if plan not in self.prepared:
                self._prepare(plan)
        calls = [(plan.name, plan.bind(parameters)) for plan, (_, parameters) in zip(plans, asked, strict=True)]
        # Transactions begin with their first statement, as psycopg lets them.
        begins = not self.raw.autocommit and self.pgconn.transaction_status == TransactionStatus.IDLE
        if begins:
            calls.insert(0, (self._word("BEGIN"), []))
        if commits:
            calls.append((self._word("COMMIT"), []))
        # Either way other threads of this process run while this one waits.
        results = [self.pgconn.exec_prepared(*calls[0])] if len(calls) == 1 else self._pipelined(calls)
        for result in results:
            if result.status in _FAILED:
                raise errors.error_from_result(result, encoding=self.pgconn._encoding)
        return [self._rows(plan, result) for plan, result in zip(plans, results[begins:], strict=False)]

    def _word(self, word: str) -> bytes:
        plan = _plan(word)
        if plan not in self.prepared:
            self._prepare(plan)
        return plan.name

    def _prepare(self, plan: _Plan) -> None:
        result = self.pgconn.prepare(plan.name, plan.text)
        if result.status in _FAILED:
            raise errors.error_from_result(result, encoding=self.pgconn._encoding)
        self.prepared.add(plan)

    def _pipelined(self, calls: Sequence[tuple[bytes, list[bytes | None]]]) -> list[Any]:
        self.pgconn.enter_pipeline_mode()
        try:
            for name, values in calls:
                self.pgconn.send_query_prepared(name, values)
            self.pgconn.pipeline_sync()
            results = list(self._results())
            self.pgconn.exit_pipeline_mode()
        except BaseException:
            self.raw.close()  # nobody can tell any more which result belongs to which statement
            raise
        return results

    def _results(self) -> Iterator[Any]:
        while True:
            while self.pgconn.flush():  # what did not fit into the socket: a very long answer
                if self.ready.poll()[0][1] & ~select.POLLOUT:
                    self.pgconn.consume_input()
            while self.pgconn.is_busy():
                self.readable.poll()
                self.pgconn.consume_input()
            result = self.pgconn.get_result()
            if result and result.status == ExecStatus.PIPELINE_SYNC:
                return
            if result:
                yield result

    def _rows(self, plan: _Plan, result: Any) -> list[Any]:
        if result.status != ExecStatus.TUPLES_OK:
            return []
        reader = self.readers.get(plan) or self.readers.setdefault(plan, _Reader(self.raw, result))
        return [reader.row(result, number) for number in range(result.ntuples)]


class _Reader:
    """How the rows of a statement are read: a name and psycopg's own loader for each column."""

    def __init__(self, raw: Any, result: Any) -> None:
        names = [result.fname(column).decode() for column in range(result.nfields)]
        self.made = namedtuple("Row", names)._make  # type: ignore[misc, attr-defined]
        self.loads = [(column, _loader(raw, result.ftype(column))) for column in range(result.nfields)]

    def row(self, result: Any, number: int) -> Any:
        text = result.get_value
        return self.made(
            [None if (value := text(number, column)) is None else load(value) for column, load in self.loads]
        )


def _loader(raw: Any, oid: int) -> Callable[[bytes], Any]:
    if oid == JSON_OID:
        return orjson.loads  # whole numbers have 64 bits here
    kind = raw.adapters.get_loader(oid, Format.TEXT) or raw.adapters.get_loader(0, Format.TEXT)
    load = kind(oid, raw).load
    return _instant(load) if oid == TIMESTAMPTZ_OID else load  # type: ignore[no-any-return]


def _instant(load: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """Read what Python reads itself at a tenth of the cost; the loader reads, or refuses, all other times."""

    def read(value: bytes) -> Any:
        return datetime.fromisoformat(value.decode()) if value[-3:] == b"+00" and len(value) < 30 else load(value)

    return read


def _written(value: Any) -> bytes:
    """Return a parameter as the server reads it; its type stands in the statement."""
    written = (_WRITERS.get(type(value)) or _derived(value))(value)
    if b"\x00" in written:
        raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return written


def _derived(value: Any) -> Callable[[Any], bytes]:
    """Find the writer of a type that is derived from one in the table, as choices are from str, and remember it."""
    write = next(_WRITERS[parent] for parent in type(value).__mro__ if parent in _WRITERS)
    return _WRITERS.setdefault(type(value), write)


def _json(value: Jsonb) -> bytes:
    try:
        return orjson.dumps(value.obj, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # whole numbers beyond 64 bits
        return json.dumps(value.obj).encode()


def _array(values: Sequence[Any]) -> bytes:
    return b"{%s}" % b",".join(_quoted(value) if isinstance(value, str) else b"%d" % value for value in values)


def _quoted(text: str) -> bytes:
    return b'"%s"' % text.replace("\\", "\\\\").replace('"', '\\"').encode()


_WRITERS: dict[type, Callable[[Any], bytes]] = {
    bool: lambda value: b"t" if value else b"f",
    int: lambda value: b"%d" % value,
    float: lambda value: float.__repr__(value).encode(),
    str: str.encode,
    UUID: lambda value: str(value).encode(),
    datetime: lambda value: value.isoformat().encode(),
    date: lambda value: value.isoformat().encode(),
    list: _array,
    tuple: _array,
    Jsonb: _json,
}
