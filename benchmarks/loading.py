"""Rows into an empty migrated database as fast as it takes them: triggers and indexes come back afterwards."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import date
from typing import Any

import psycopg
from sqlalchemy import make_url, select

from benchmarks.rows import AT_ONCE, COLUMNS, Maker, Place, places_of
from portal import clock
from portal.domain import bureaus, workdays
from portal.extensions import begin_write, db
from portal.models.bureau import Bureau
from portal.models.policy import Policy

Rows = dict[str, list[tuple[Any, ...]]]
TABLES = ", ".join(f"'{table}'" for table in COLUMNS)
_maker: Maker


def load(url: str, count: int) -> None:
    """Fill the empty, migrated database at `url` with `count` notices and all that belongs to them."""
    places = _seed(url)
    if url.startswith("sqlite"):
        _into_sqlite(str(make_url(url).database), count, places)
    else:
        _into_postgresql(url.replace("+psycopg", ""), count, places)


class Progress:
    """One line that grows on a terminal; a line per tenth elsewhere."""

    def __init__(self, what: str, total: int) -> None:
        self.what, self.total, self.began, self.shown = what, total, time.monotonic(), -1

    def at(self, done: int) -> None:
        """Say that `done` of the total are done."""
        percent = 100 * done // self.total
        terminal = sys.stderr.isatty()
        if percent == self.shown or (not terminal and percent // 10 == self.shown // 10):
            return
        self.shown = percent
        seconds = time.monotonic() - self.began
        left = seconds / done * (self.total - done) if done else 0
        bar = "#" * (percent // 4)
        line = f"{self.what} [{bar:<25}] {percent:3d} %  {done:,} of {self.total:,}, {seconds:.0f} s, {left:.0f} s left"
        print(f"\r{line}\033[K" if terminal else line, end="" if terminal else "\n", file=sys.stderr, flush=True)
        if terminal and done == self.total:
            print(file=sys.stderr)


def _seed(url: str) -> list[Place]:
    from benchmarks.databases import application

    with application(url):
        begin_write()
        bureaus.seed()
        workdays.seed_calendar(db.session)
        _let_one_address_file_all()
        db.session.commit()
        return places_of(list(db.session.scalars(select(Bureau).order_by(Bureau.id))))


def _let_one_address_file_all() -> None:
    """The load comes from one address, about few notices: a visitor like that would have to compute first (rule O4)."""
    for key in ("limits.filings_per_address", "limits.filings_per_matter"):
        db.session.add(
            Policy(
                key=key,
                valid_from=date(2020, 1, 1),
                value=10**9,
                clause="benchmark",
                entered_by="benchmark",
                confirmed_by="nobody",
                entered_at=clock.now(),
            )
        )


def _into_sqlite(path: str, count: int, places: list[Place]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=off", "synchronous=off", "cache_size=-400000", "temp_store=memory"):
        connection.execute(f"pragma {pragma}")
    query = (
        "SELECT type, name, sql FROM sqlite_master "
        f"WHERE type IN ('index', 'trigger') AND sql != '' AND tbl_name IN ({TABLES})"
    )
    taken_off = connection.execute(query).fetchall()
    for kind, name, _ in taken_off:
        connection.execute(f"DROP {kind} {name}")
    connection.execute("BEGIN")
    for made in _made(count, places, "SQLite"):
        for table, found in made.items():
            marks = ", ".join("?" * len(COLUMNS[table]))
            connection.executemany(f"INSERT INTO {table} ({', '.join(COLUMNS[table])}) VALUES ({marks})", found)
    connection.execute("COMMIT")
    searched = connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE '%USING fts5%'").fetchall()
    steps = [sql for _, _, sql in taken_off]
    steps += [f"INSERT INTO {name}({name}) VALUES ('rebuild')" for (name,) in searched]
    progress = Progress("SQLite: indexes", len(steps) + 2)
    for at, step in enumerate([*steps, "ANALYZE", "pragma journal_mode=wal"], 1):
        connection.execute(step).fetchall()
        progress.at(at)
    connection.close()


def _into_postgresql(address: str, count: int, places: list[Place]) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # references hold by the way the rows are made
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET synchronous_commit = off")
        query = (
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
            f"AND tablename IN ({TABLES}) AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        )
        taken_off = connection.execute(query).fetchall()
        for name, _ in taken_off:
            connection.execute(f"DROP INDEX {name}")
        for made in _made(count, places, "PostgreSQL"):
            for table, found in made.items():
                copying = f"COPY {table} ({', '.join(COLUMNS[table])}) FROM STDIN"
                with connection.cursor().copy(copying) as copy:
                    for row in found:
                        copy.write_row(row)
        steps = [definition for _, definition in taken_off]
        steps += [f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}" for table in COLUMNS]
        steps += ["VACUUM (FREEZE, ANALYZE)", "CHECKPOINT"]
        progress = Progress("PostgreSQL: indexes", len(steps))
        for at, step in enumerate(steps, 1):
            connection.execute(step)
            progress.at(at)


def _made(count: int, places: list[Place], what: str) -> Iterator[Rows]:
    """The rows in order, made by other processes while these are written, never more than a few batches ahead."""
    progress = Progress(f"{what}: {count:,} notices", count)
    starts = deque(range(1, count + 1, AT_ONCE))
    waiting: deque[Future[Rows]] = deque()
    done = 0
    with ProcessPoolExecutor(2, initializer=_start_maker, initargs=(count, places, clock.today())) as makers:
        while starts or waiting:
            while starts and len(waiting) < 6:
                waiting.append(makers.submit(_make, starts.popleft()))
            made = waiting.popleft().result()
            yield made
            done += len(made["notice"])
            progress.at(done)


def _start_maker(*arguments: Any) -> None:
    global _maker
    _maker = Maker(*arguments)


def _make(first: int) -> Rows:
    return _maker.rows(first)
