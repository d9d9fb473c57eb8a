"""What a list of notices can be narrowed by: words, bureau, kind, subject, status; and the choices its form offers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from flask import request
from markupsafe import Markup
from sqlalchemy import Engine, Select, bindparam, select

from portal.extensions import db
from portal.models.bureau import Bureau
from portal.models.notice import Notice
from portal.models.search import count_up_to_limit, find
from portal.models.words import Kind, NoticeStatus, Subject, Tier
from portal.web import paging
from portal.web.pages import typed

WORDS = {
    "kind": ("类型", {word.value: word.label for word in Kind}),
    "subject": ("内容", {word.value: word.label for word in Subject}),
    "status": ("状态", {word.value: word.label for word in NoticeStatus}),
}
IDS = select(Notice.id)
SECONDS_KEPT = 60
_option = Markup('<option value="{}">{}</option>').format
_kept: WeakKeyDictionary[Engine, tuple[float, Places]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Places:
    """The bureaus that publish: code to the column and id of its notices, and the options of the filter."""

    ids: dict[str, tuple[str, int]]
    options: Markup


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks: `said` as typed or chosen, `narrowed` column to value. Unknown choices ask nothing."""

    said: dict[str, str]
    narrowed: dict[str, Any]

    def page(self, query: Select[Any]) -> tuple[paging.Slice[Any], int | None]:
        """The page of `query` over notices the address asks for, and how many there are if anything is asked."""
        if len(self.narrowed) > 1 or self.said["q"]:
            before, after = paging.asked()
            found = find(Notice, self.said["q"], self.narrowed, limit=paging.PAGE + 1, before=before, after=after)
            if found is not None:
                rows = query.where(Notice.id.in_(found.ids)).order_by(Notice.id.desc())
                return paging.slice_of(list(db.session.connection().execute(rows).all())), found.count
        column = next(iter(self.narrowed), None)
        if column is None:
            return paging.newest_first(query, Notice.id, plain=True), None
        found_page = paging.newest_first(_only(query, column), Notice.id, values=self.narrowed, plain=True)
        return found_page, count_up_to_limit(_only(IDS, column), self.narrowed)


def asked() -> Asked:
    """What the address of this request asks."""
    given = request.args.get
    said = {"q": typed(given("q"))}
    narrowed: dict[str, Any] = {}
    for name, (_label, words) in WORDS.items():
        said[name] = given(name, "") if given(name, "") in words else ""
        if said[name]:
            narrowed[name] = said[name]
    said["bureau"] = given("bureau", "")
    place = places().ids.get(said["bureau"])
    if place is None:
        said["bureau"] = ""
    else:
        narrowed[place[0]] = place[1]
    return Asked(said, narrowed)


def choices(said: dict[str, str]) -> list[tuple[str, str, Markup]]:
    """The selects of the filter: name, label and options, what is chosen marked."""
    offered = [("bureau", "办理部门所在地", places().options)]
    offered += [(name, label, _OPTIONS[name]) for name, (label, _words) in WORDS.items()]
    return [(name, label, _with_chosen(options, said[name])) for name, label, options in offered]


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
    options = [_option("", "全省")]
    for city in found:
        if city.tier is Tier.CITY:
            ids[city.code] = ("city_id", city.id)
            options.append(_option(city.code, city.area_name))
            for county in found:
                if county.parent_id == city.id:
                    ids[county.code] = ("bureau_id", county.id)
                    options.append(_option(county.code, f"　{county.area_name}"))
    return Places(ids, Markup("").join(options))


@lru_cache
def _only(query: Select[Any], column: str) -> Select[Any]:
    """The notices of `query` whose column has the value bound to its name."""
    return query.where(getattr(Notice, column) == bindparam(column))


def _with_chosen(options: Markup, chosen: str) -> Markup:
    mark = Markup('value="{}"').format(chosen)
    return options.replace(mark, mark + Markup(" selected"), 1) if chosen else options


_OPTIONS = {
    name: Markup("").join([_option("", "全部"), *(_option(value, label) for value, label in words.items())])
    for name, (_label, words) in WORDS.items()
}
