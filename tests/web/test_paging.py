"""Paging by key: every row once, in order, both ways, whatever stands in the address."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import bindparam, insert, select

from portal.extensions import begin_write, db
from portal.models.counter import Counter
from portal.web import paging

# The one table without ties to others; its value stands for the id.
NUMBERS = select(Counter.value.label("id"))


@pytest.fixture
def numbers(app: Flask) -> Flask:
    """An application whose list has the rows 1 to 9."""
    begin_write()
    db.session.execute(insert(Counter), [{"name": str(number), "value": number} for number in range(1, 10)])
    db.session.commit()
    return app


def page(app: Flask, address: str, size: int = 4) -> tuple[list[int], str | None, str | None]:
    with app.test_request_context(address):
        shown = paging.newest_first(NUMBERS, Counter.value, size=size, plain=True)
    return [row.id for row in shown.items], shown.older_url, shown.newer_url


def test_going_on_and_back_shows_every_row_once(numbers: Flask) -> None:
    first, older, newer = page(numbers, "/list?kind=a")
    assert (first, newer) == ([9, 8, 7, 6], None)
    second, older, newer = page(numbers, older or "")
    assert second == [5, 4, 3, 2]
    last, end, back = page(numbers, older or "")
    assert (last, end) == ([1], None)
    assert page(numbers, back or "")[0] == second
    assert page(numbers, newer or "") == (first, "/list?kind=a&before=6", None)


def test_the_way_on_keeps_the_filters_and_nothing_else_of_the_key(numbers: Flask) -> None:
    _, older, _ = page(numbers, "/list?kind=a&before=9&q=长沙")
    parts = urlsplit(older or "")
    assert parts.path == "/list"
    assert parse_qs(parts.query) == {"kind": ["a"], "q": ["长沙"], "before": ["5"]}


def test_a_page_that_just_fits_has_no_next_one(numbers: Flask) -> None:
    assert page(numbers, "/list", size=9) == ([9, 8, 7, 6, 5, 4, 3, 2, 1], None, None)


def test_beyond_the_ends_there_is_nothing(numbers: Flask) -> None:
    assert page(numbers, "/list?before=1") == ([], None, None)
    assert page(numbers, "/list?after=9") == ([], None, None)


@pytest.mark.parametrize("key", ["", "x", "-1", "1.5", "９", "9" * 16, "1 OR 1=1", "%00"])
def test_a_key_that_is_no_number_counts_as_none(numbers: Flask, key: str) -> None:
    assert page(numbers, f"/list?before={key}")[0] == [9, 8, 7, 6]


def test_of_two_keys_the_one_upwards_counts(numbers: Flask) -> None:
    assert page(numbers, "/list?before=3&after=4")[0] == [8, 7, 6, 5]


def test_a_query_made_once_takes_its_values_each_time(numbers: Flask) -> None:
    below = NUMBERS.where(Counter.value < bindparam("top"))
    for top, shown in ((4, [3, 2, 1]), (2, [1]), (4, [3, 2, 1])):
        with numbers.test_request_context("/list"):
            assert [row.id for row in paging.newest_first(below, Counter.value, values={"top": top}).items] == shown


def test_rows_found_otherwise_are_paged_alike(numbers: Flask) -> None:
    rows = list(db.session.execute(NUMBERS.order_by(Counter.value.desc())).all())
    with numbers.test_request_context("/list"):
        assert paging.slice_of(rows[:5], size=4) == paging.newest_first(NUMBERS, Counter.value, size=4)
    with numbers.test_request_context("/list?after=2"):
        upwards = paging.slice_of(rows[2:7], size=4)
        assert upwards == paging.newest_first(NUMBERS, Counter.value, size=4)
        assert [row.id for row in upwards.items] == [6, 5, 4, 3]
