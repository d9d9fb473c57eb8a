"""What a list of notices can be narrowed by: words, bureau, kind, subject, status, day of closing; in which order; and
the choices its form offers.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

from flask import request
from markupsafe import Markup
from sqlalchemy import Engine, Select, bindparam, select

from portal.extensions import db, reading
from portal.models.bureau import Bureau
from portal.models.notice import Notice
from portal.models.search import Found, count_up_to_limit, find
from portal.models.words import Kind, NoticeStatus, Subject, Tier
from portal.public import closing_order
from portal.public.notice_tally import DUE, MOST_HITS, Numbers, ends_on, tally, tally_of_hits
from portal.web import paging
from portal.web.pages import typed

WORDS = {
    "kind": ("类型", {word.value: word.label for word in Kind}),
    "subject": ("内容", {word.value: word.label for word in Subject}),
    "status": ("状态", {word.value: word.label for word in NoticeStatus}),
}
CLOSING = "closing"
MOST_ORDERED = 2000
"""Hits of a word that are put in the order of their closing: the newest ones."""
IDS = select(Notice.id)
SECONDS_KEPT = 60
_option = '<option value="{}"{}>{}{}</option>'.format
_kept: WeakKeyDictionary[Engine, tuple[float, Places]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Places:
    """The bureaus that publish: code to the column and id of its notices, and what the filter offers of them."""

    ids: dict[str, tuple[str, int]]
    options: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks: `said` as typed or chosen, `narrowed` column to value. Unknown choices ask nothing."""

    said: dict[str, str]
    narrowed: dict[str, Any]

    @property
    def is_narrowed(self) -> bool:
        """True if the list is less than all notices, newest first."""
        return any(self.said.values())

    def page(
        self, query: Select[Any], counted: Numbers | None, hits: Found | None
    ) -> tuple[paging.Slice[Any], int | None]:
        """The page of `query` over notices the address asks for, and how many there are if anything is asked.

        counted: the numbers beside the choices. One that a page cannot contradict is as good as counting again.
        hits: the newest notices in which the words occur, whatever else is asked.
        """
        if self.said["due"] or self.said["sort"]:
            return self._of_open_ones(query)
        if len(self.narrowed) > 1 or self.said["q"]:
            before, after = paging.asked()
            found = hits
            if self.narrowed or before or after:
                found = find(Notice, self.said["q"], self.narrowed, limit=paging.PAGE + 1, before=before, after=after)
            if found is not None:
                rows = query.where(Notice.id.in_(found.ids[: paging.PAGE + 1])).order_by(Notice.id.desc())
                return paging.slice_of(list(reading().execute(rows).all())), found.count
        column = next(iter(self.narrowed), None)
        if column is None:
            return paging.newest_first(query, Notice.id, plain=True), None
        found_page = paging.newest_first(_only(query, column), Notice.id, values=self.narrowed, plain=True)
        known = counted[column][self.narrowed[column]] if counted else 0
        if known <= paging.PAGE:
            known = count_up_to_limit(_only(IDS, column), self.narrowed)
        return found_page, known

    def _of_open_ones(self, query: Select[Any]) -> tuple[paging.Slice[Any], int]:
        """The same among open notices, by when they close: they are few, and an index has them in that order."""
        conditions = [getattr(Notice, column) == value for column, value in self.narrowed.items()]
        if self.said["due"]:
            conditions.append(Notice.ends_at == ends_on(self.said["due"]))
        if self.said["q"]:
            found = find(Notice, self.said["q"], self.narrowed, limit=MOST_ORDERED)
            conditions.append(Notice.id.in_(found.ids if found else []))
        query, counted = query.where(*conditions), count_up_to_limit(IDS.where(*conditions))
        if self.said["sort"]:
            return closing_order.page(query, {}), counted
        return paging.newest_first(query, Notice.id, plain=True), counted

    def address(self, **changed: str) -> str:
        """The list's address with some of what is asked changed, on its first page."""
        said = {name: value for name, value in (self.said | changed).items() if value}
        return f"{request.path}?{urlencode(said)}" if said else request.path


def asked() -> Asked:
    """What the address of this request asks. What closes on a day, or soonest, is open: that then is the status."""
    given = request.args.to_dict().get  # asked a dozen times, and a missing name costs an exception otherwise
    said = {"q": typed(given("q"))}
    for name, (_label, words) in WORDS.items():
        said[name] = given(name, "") if given(name, "") in words else ""
    said["due"] = given("due", "") if given("due", "") in DUE else ""
    said["sort"] = CLOSING if given("sort") == CLOSING and said["status"] in ("", NoticeStatus.OPEN.value) else ""
    if said["due"] or said["sort"]:
        said["status"] = NoticeStatus.OPEN.value
    narrowed: dict[str, Any] = {name: said[name] for name in WORDS if said[name]}
    said["bureau"] = given("bureau", "")
    place = places().ids.get(said["bureau"])
    if place is None:
        said["bureau"] = ""
    else:
        narrowed[place[0]] = place[1]
    return Asked(said, narrowed)


def look(asked_: Asked, query: Select[Any]) -> tuple[paging.Slice[Any], int | None, Numbers | None]:
    """`Asked.page`, and how many notices each choice would show beside the others that are made, by facet and value.

    No numbers where words are searched that hit more notices than are looked at for them, or none.
    """
    words = asked_.said["q"]
    hits = find(Notice, words, {}, limit=MOST_HITS) if words else None
    counted = tally_of_hits(hits) if words else tally()
    numbers = counted.beside(asked_.narrowed, asked_.said["due"]) if counted else None
    return *asked_.page(query, numbers, hits), numbers


def around(asked_: Asked, counted: Numbers | None) -> dict[str, Any]:
    """What stands around the list: `choices` of the filter, `quick` ones, `orders`, and what is asked as a `query`.

    Kept with the numbers it shows, and as long as those.
    """
    kept = {} if counted is None else counted.shown
    key = (request.path, *asked_.said.values())
    if key not in kept:
        kept[key] = {
            "choices": _choices(asked_.said, counted),
            "quick": _quick(asked_, counted),
            "orders": _orders(asked_),
            "query": asked_.address().partition("?")[2],
        }
    return kept[key]


def _choices(said: dict[str, str], counted: Numbers | None) -> list[tuple[str, str, Markup]]:
    """The selects of the filter: name, label and options, what is chosen marked, with their numbers."""
    known = places()
    placed = None
    if counted is not None:
        placed = Counter({code: counted[column][row_id] for code, (column, row_id) in known.ids.items()})
    offered = [("bureau", "办理部门所在地", _options(known.options, said["bureau"], placed))]
    for name, (label, words) in WORDS.items():
        options = [("", "全部"), *words.items()]
        offered.append((name, label, _options(options, said[name], counted[name] if counted else None)))
    return offered


def _quick(asked_: Asked, counted: Numbers | None) -> list[tuple[str, str, bool, int | None]]:
    """The links above the list: words, address, whether it is the present one, how many it would show if known."""
    said = asked_.said
    is_open = said["status"] == NoticeStatus.OPEN.value and not said["due"]
    shown: list[tuple[str, dict[str, str], bool, tuple[str, Any]]] = [
        ("全部", {"status": "", "due": "", "sort": ""}, not said["status"], ("due", "")),
        ("公示中", {"status": "open", "due": ""}, is_open, ("status", NoticeStatus.OPEN)),
        ("今日截止", {"status": "", "due": "today"}, said["due"] == "today", ("due", "today")),
        ("明日截止", {"status": "", "due": "tomorrow"}, said["due"] == "tomorrow", ("due", "tomorrow")),
    ]
    return [
        (text, asked_.address(**changed), current, counted[facet][value] if counted else None)
        for text, changed, current, (facet, value) in shown
    ]


def _orders(asked_: Asked) -> list[tuple[str, str, bool]]:
    """The two orders a list can have: words, address, whether it is the present one."""
    by_end = bool(asked_.said["sort"])
    return [("最新发布", asked_.address(sort=""), not by_end), ("最先截止", asked_.address(sort=CLOSING), by_end)]


def places() -> Places:
    """The first-level bureaus, each followed by the counties below it; asked of the database once a minute."""
    kept = _kept.get(db.engine)
    if kept is not None and kept[0] > time.monotonic():
        return kept[1]
    fresh = _ask_for_places()
    if fresh.ids:
        _kept[db.engine] = (time.monotonic() + SECONDS_KEPT, fresh)
    return fresh


def _ask_for_places() -> Places:
    query = select(Bureau.id, Bureau.code, Bureau.area_name, Bureau.tier, Bureau.parent_id).order_by(Bureau.sort)
    found = db.session.execute(query).all()
    ids: dict[str, tuple[str, int]] = {}
    options = [("", "全省")]
    for city in found:
        if city.tier is Tier.CITY:
            ids[city.code] = ("city_id", city.id)
            options.append((city.code, city.area_name))
            for county in found:
                if county.parent_id == city.id:
                    ids[county.code] = ("bureau_id", county.id)
                    options.append((county.code, f"　{county.area_name}"))
    return Places(ids, options)


@lru_cache
def _only(query: Select[Any], column: str) -> Select[Any]:
    """The notices of `query` whose column has the value bound to its name."""
    return query.where(getattr(Notice, column) == bindparam(column))


def _options(options: list[tuple[str, str]], chosen: str, numbers: Counter[Any] | None) -> Markup:
    """Written out here: a loop of the template over 140 bureaus would cost more than the query. All are our words."""
    return Markup(
        "".join(
            _option(
                value,
                " selected" if value and value == chosen else "",
                words,
                f"（{numbers[value]}）" if numbers is not None and value else "",
            )
            for value, words in options
        )
    )
