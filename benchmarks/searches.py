"""How long the database takes for a search, and for every combination of filters: the page and the count together."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import func, select

from benchmarks import questions
from benchmarks.databases import application
from portal.extensions import db
from portal.models.bureau import Bureau
from portal.models.notice import Notice
from portal.models.search import find
from portal.models.words import Kind, NoticeStatus, Subject, Tier
from portal.public import notice_filter
from portal.public.notice_list import ALL
from portal.web.paging import PAGE

TARGETED = "search, 2 or 4 characters"


def measure(url: str) -> dict[str, dict[str, Any]]:
    """Milliseconds (p50, p95, worst) by the length of the words, of 2 and 4 characters together (what the target is
    about), of all words, of words within a bureau, of filters. Each word was asked once before: the index is in memory.
    """
    with application(url) as app:
        for word in itertools.chain(questions.COMMON, *map(_words, questions.LENGTHS)):
            _search(word, {})
        by_length = {length: [_search(word, {}) for word in _words(length)] for length in questions.LENGTHS}
        by_length[0] = [_search(word, {}) for word in questions.COMMON]
        city, county = _places()
        narrowed: list[dict[str, Any]] = [
            {"city_id": city},
            {"bureau_id": county},
            {"city_id": city, "kind": "correction"},
        ]
        narrowed += [{"status": "retracted"}, {"bureau_id": county, "status": "open"}]
        some = [word for length in questions.LENGTHS for word in _words(length)[:20]] + questions.COMMON
        within = [_search(word, by) for word in some for by in narrowed]
        filters = _all_filters(app, city, county)
        pages = [_page(app, urlencode({"q": word})) for length in questions.LENGTHS for word in _words(length)]
    words = list(itertools.chain(*by_length.values()))
    named = {f"search, {n} characters" if n else "search, common words": by_length[n] for n in by_length}
    return {
        name: _summary(times)
        for name, times in {
            **named,
            TARGETED: by_length[2] + by_length[4],
            "search, all": words,
            "search within a bureau": within,
            "search, page and numbers": pages,
            "filters": filters,
        }.items()
    }


def _words(length: int) -> list[str]:
    return questions.substrings(length, 80)


def _search(words: str, narrowed: dict[str, Any]) -> tuple[float, str]:
    took = _timed(lambda: find(Notice, words, narrowed, limit=PAGE + 1))
    return took, f"{words} {narrowed or ''}"


def _all_filters(app: Flask, city: int, county: int) -> list[tuple[float, str]]:
    """The first page and one in the middle, for every combination of place, kind, subject and status."""
    codes = {row.id: row.code for row in db.session.execute(select(Bureau.id, Bureau.code))}
    middle = (db.session.scalar(select(func.max(Notice.id))) or 1) // 2
    asked = []
    for place, kind, subject, status, before in itertools.product(
        (None, codes[city], codes[county]), (None, *Kind), (None, *Subject), (None, *NoticeStatus), (None, middle)
    ):
        chosen = {"bureau": place, "kind": kind, "subject": subject, "status": status, "before": before}
        asked.append("&".join(f"{name}={value}" for name, value in chosen.items() if value is not None))
    return [_page(app, query) for query in asked]


def _page(app: Flask, query: str) -> tuple[float, str]:
    """All that a list asks the database for: its rows, how many there are, and the numbers beside the choices."""
    with app.test_request_context(f"/notices?{query}"):
        question = notice_filter.asked()
        return _timed(lambda: notice_filter.look(question, ALL)), query


def _places() -> tuple[int, int]:
    """Ids of the city with the most notices, and of a county with few."""
    cities = select(Notice.city_id, func.count()).group_by(Notice.city_id).order_by(func.count().desc()).limit(1)
    counties = (
        select(Notice.bureau_id, func.count())
        .join(Bureau, Notice.bureau_id == Bureau.id)
        .where(Bureau.tier == Tier.COUNTY)
        .group_by(Notice.bureau_id)
        .order_by(func.count())
        .limit(1)
    )
    return db.session.execute(cities).one()[0], db.session.execute(counties).one()[0]


def _timed(act: Callable[[], Any]) -> float:
    db.session.rollback()
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)


def _summary(times: list[tuple[float, str]]) -> dict[str, Any]:
    times = sorted(times)
    return {
        "p50": times[len(times) // 2][0],
        "p95": times[int(len(times) * 0.95)][0],
        "worst": times[-1][0],
        "worst_of": times[-1][1],
        "questions": len(times),
    }
