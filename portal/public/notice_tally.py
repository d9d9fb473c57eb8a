"""How many notices each choice of the list's filter would show.

Counted by all they can be narrowed by in one question to an index, and kept for a minute: a number beside each choice.
At a million notices that takes an eighth of a second, so it is done beside the requests: while numbers are asked for,
nobody waits for them.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask, current_app
from sqlalchemy import CompoundSelect, Engine, bindparam, func, literal, null, select, type_coerce, union_all

from portal import clock
from portal.extensions import UtcDateTime, db, reading
from portal.models.notice import Notice
from portal.models.search import Found
from portal.models.types import word
from portal.models.words import NoticeStatus
from portal.web.access import settings

DUE = {"today": 0, "tomorrow": 1}
"""What can be asked of a window's end, in days from today."""
FACETS = ("city_id", "bureau_id", "kind", "subject", "status")
PLACE = FACETS[:2]
"""Those that say where."""
APART = {"city_id": PLACE, "bureau_id": PLACE, "due": ("status",)}
"""City and bureau are one choice, and so are status and due."""
MOST_ANSWERS = 1000
"""Choices made together whose numbers are kept, 20 kB each at most: nobody fills the memory by asking for all."""
MOST_HITS = 100
"""Hits of a word that are looked at to count them by choice: each lies elsewhere on the disk."""
Values = tuple[Any, ...]
Cells = list[tuple[Values, int]]

_OPEN = type_coerce(literal(NoticeStatus.OPEN.value), word(NoticeStatus))
_PLACED = (Notice.city_id, Notice.bureau_id, Notice.kind, Notice.subject)
_COUNTED: CompoundSelect[*tuple[Any, ...]] = union_all(
    select(*_PLACED, Notice.status, type_coerce(null(), UtcDateTime()).label("ends_at"), func.count().label("n"))
    .group_by(Notice.bureau_id, Notice.city_id, Notice.kind, Notice.subject, Notice.status),
    select(*_PLACED, _OPEN, Notice.ends_at, func.count())
    .where(Notice.status == NoticeStatus.OPEN, Notice.ends_at.in_(bindparam("ends", expanding=True)))
    .group_by(Notice.bureau_id, Notice.city_id, Notice.kind, Notice.subject, Notice.ends_at),
)  # fmt: skip
_HITS = select(*_PLACED, Notice.status, Notice.ends_at)


class Numbers(dict[str, Counter[Any]]):
    """Facet, or "due", to how many notices there are of each value; `shown`: what a page made of them."""

    __slots__ = ("shown",)

    def __init__(self, numbers: dict[str, Counter[Any]]) -> None:
        super().__init__(numbers)
        self.shown: dict[Any, dict[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers of notices by city, bureau, kind, subject and status: of all, and of those due on the days of DUE."""

    day: date
    until: float
    cells: dict[str, Cells]
    """By day of DUE, and under "" for all."""
    at_place: dict[tuple[str, int, Any], Cells]
    """The same of one city or bureau: day, position in FACETS, id."""
    answers: dict[tuple[Any, ...], Numbers]
    facets: dict[tuple[Any, ...], Counter[Any]]

    def beside(self, narrowed: Mapping[str, Any], due: str = "") -> Numbers:
        """For each facet and for "due": how many there are of each value, whatever is chosen of that facet itself.

        narrowed: column to value, as the list is narrowed; due: a key of DUE or nothing. The counter of "due" has the
        number without any under "".
        """
        key = (due, *(narrowed.get(facet) for facet in FACETS))
        found = self.answers.get(key)
        if found is None:
            found = Numbers({facet: self._of(facet, narrowed, due) for facet in (*FACETS, "due")})
            if len(self.answers) < MOST_ANSWERS:
                self.answers[key] = found
        return found

    def _of(self, facet: str, narrowed: Mapping[str, Any], due: str) -> Counter[Any]:
        """The numbers of one facet; each bureau's list asks for the same numbers of the bureaus, so these are kept."""
        asked = tuple(
            (at, narrowed[name])
            for at, name in enumerate(FACETS)
            if name in narrowed and name not in APART.get(facet, (facet,))
        )
        days = ("", *DUE) if facet == "due" else ("",) if facet == "status" else (due,)
        if (facet, asked, days) not in self.facets:
            counted: Counter[Any] = Counter()
            for day in days:
                for values, n in self._cells(day, asked):
                    if all(values[at] == wanted for at, wanted in asked):
                        counted[day if facet == "due" else values[FACETS.index(facet)]] += n
            self.facets[facet, asked, days] = counted
        return self.facets[facet, asked, days]

    def _cells(self, day: str, asked: tuple[tuple[int, Any], ...]) -> Cells:
        """Those of the place asked for, if one is: few, however many bureaus there are."""
        place = next((each for each in asked if each[0] < len(PLACE)), None)
        return self.cells[day] if place is None else self.at_place.get((day, *place), [])


_kept: WeakKeyDictionary[Engine, Tally] = WeakKeyDictionary()
_counting = threading.Lock()


def tally() -> Tally:
    """The present numbers, at most a minute old, or two while they are counted anew; never those of yesterday."""
    kept, now = _kept.get(db.engine), time.monotonic()
    if kept is None or kept.day != clock.today() or kept.until + settings().counts_seconds <= now:
        kept = _kept[db.engine] = _ask()
    elif kept.until <= now and _counting.acquire(blocking=False):
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        threading.Thread(target=_count_anew, args=(app,), name="tally", daemon=True).start()
    return kept


def _count_anew(app: Flask) -> None:
    try:
        with app.app_context():
            _kept[db.engine] = _ask()
    finally:
        _counting.release()


def ends_on(due: str) -> Any:
    """The instant at which windows end that are due on that day."""
    return clock.midnight_after(clock.today() + timedelta(days=DUE[due]))


def tally_of_hits(found: Found | None) -> Tally | None:
    """The numbers among the notices a search found; None if there are none, or too many to look at each."""
    if found is None or not 0 < found.count <= MOST_HITS:
        return None
    days = {ends_on(due): due for due in DUE}
    all_, due_ones = Counter[Values](), Counter[tuple[str, Values]]()
    for *values, ends_at in reading().execute(_HITS.where(Notice.id.in_(found.ids))):
        all_[tuple(values)] += 1
        if values[-1] is NoticeStatus.OPEN and ends_at in days:
            due_ones[days[ends_at], tuple(values)] += 1
    return _made([("", *counted) for counted in all_.items()] + [(*key, n) for key, n in due_ones.items()])


def _ask() -> Tally:
    days = {ends_on(due): due for due in DUE}
    found = reading().execute(_COUNTED, {"ends": list(days)})
    return _made([(days[ends_at] if ends_at else "", tuple(values), n) for *values, ends_at, n in found])


def _made(counted: Iterable[tuple[str, Values, int]]) -> Tally:
    """A tally of day of DUE or "", values of FACETS, and their number."""
    cells: dict[str, Cells] = {"": [], **{due: [] for due in DUE}}
    at_place: defaultdict[tuple[str, int, Any], Cells] = defaultdict(list)
    for day, values, n in counted:
        cells[day].append((values, n))
        for at in range(len(PLACE)):
            at_place[day, at, values[at]].append((values, n))
    return Tally(clock.today(), time.monotonic() + settings().counts_seconds, cells, dict(at_place), {}, {})
