"""What the benchmarks load is what the verbs would have written: pages show it, search finds it, hashes fit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from benchmarks import questions, searches
from benchmarks.client import get
from benchmarks.loading import load
from benchmarks.report import lines, targets
from benchmarks.searches import TARGETED
from portal.domain import notice_content, trail
from portal.domain.canonical import canonical_bytes, digest
from portal.extensions import db
from portal.models.application import Application
from portal.models.notice import Notice
from portal.models.search import find
from portal.models.trail_entry import TrailEntry

COUNT = 400


@pytest.fixture
def loaded(app: Flask) -> Flask:
    """The application on a database with COUNT made-up notices."""
    load(db.engine.url.render_as_string(hide_password=False), COUNT)
    db.session.rollback()
    return app


def test_loaded_rows_are_whole_and_their_pages_show_them(loaded: Flask) -> None:
    notices = list(db.session.scalars(select(Notice).order_by(Notice.id)))
    assert len(notices) == COUNT
    assert [notice.status for notice in notices[-2:]] == ["open", "open"]
    for notice in notices:
        content = json.loads(notice.content)
        assert notice.content == canonical_bytes(content)
        assert notice.content_hash == digest(notice.content)
        assert notice.title == notice_content.title(notice.application)
        assert notice.bureau.city_id == notice.city_id
    entries = list(db.session.scalars(select(TrailEntry)))
    assert len(entries) > 3 * COUNT
    assert trail.first_altered(entries) is None
    assert all(entry.body == canonical_bytes(trail.facts(entry)) for entry in entries)

    asked = questions.draw()
    client = loaded.test_client()
    for what, addresses in asked.many.items():
        for address in addresses[:5]:
            assert client.get(address).status_code == 200, (what, address)


def test_loaded_rows_are_found_by_every_substring_and_every_filter(loaded: Flask) -> None:
    for word in questions.substrings(4, 10):
        found = find(Notice, word, {}, limit=21)
        assert found is not None
        assert found.count > 0, word
    for column in ("city_id", "bureau_id", "kind", "subject", "status"):
        counted: dict[Any, int] = {}
        for (value,) in db.session.execute(select(getattr(Notice, column))):
            counted[value] = counted.get(value, 0) + 1
        for value, count in counted.items():
            found = find(Notice, "", {column: value}, limit=21)
            assert found is not None
            assert found.count == count, (column, value)


def test_every_kind_of_question_a_list_asks_is_measured(loaded: Flask) -> None:
    url = db.engine.url.render_as_string(hide_password=False)
    found = searches.measure(url)
    assert found["search, page and numbers"]["questions"] == 4 * 80
    assert {"filters", TARGETED, "search within a bureau"} < set(found)


def test_after_a_load_the_verbs_go_on(loaded: Flask) -> None:
    assert len(questions.tickets(3)) == 3
    newest = db.session.scalars(select(Application).order_by(Application.id.desc()).limit(1)).one()
    assert newest.id == COUNT


def test_the_report_says_of_each_target_whether_it_is_met() -> None:
    page = {"per_second": 100.0, "ratio": 0.2, "p50": 1.0, "cost": 9.0, "p99": 2.0, "peak_megabytes": 90.0}
    kinds = [("list", how) for how in ("kept", "nothing kept", "not modified")]
    kinds += [("notice", how) for how in ("kept", "nothing kept", "not modified")]
    kinds += [("list of a bureau", "kept"), ("list of a bureau", "nothing kept")]
    kinds += [("search, 2 characters", "nothing kept"), ("search, 4 characters", "nothing kept")]
    result = {
        "workers": 2,
        "pages": [{**page, "rows": rows, "what": what, "how": how} for rows in (10, 1000) for what, how in kinds],
        "searches": {TARGETED: {"p50": 1.0, "p95": 20.0, "worst": 30.0, "worst_of": "长沙", "questions": 10}},
        "filings": {1: 400.0, 4: 200.0},
        "closings": {
            "windows": 100, "closed": 100, "rows_per_second": 300.0, "peak_mebibytes": 120.0, "growth_mebibytes": 0.5,
        },
    }  # fmt: skip
    met = {target.what: target.met for target in targets("sqlite", result)}
    assert met["list, nothing kept, of the empty view"]
    assert not met["list, kept, of the empty view"]
    assert not met[f"{TARGETED}, at the database, p95"]
    assert met["list, growth of p50 to 1,000"]
    assert met["objections filed, by 1 process"]  # the best counts
    assert {target.what: target.met for target in targets("postgresql", result)}[f"{TARGETED}, at the database, p95"]
    text = "\n".join(lines("sqlite", result))
    assert text.count("MISSED") == list(met.values()).count(False)
    assert "most memory of a worker: 90 MB" in text
    assert "100 of 100 due windows closed in one run\n300 a second" in text


def test_a_request_is_what_a_browser_sends() -> None:
    assert get("/notices", "If-None-Match: x").startswith(b"GET /notices HTTP/1.1\r\nHost: ")
    assert get("/notices").endswith(b"\r\n\r\n")
