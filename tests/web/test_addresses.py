"""Addresses that are remembered are the same that Flask works out."""

from __future__ import annotations

import pytest
from flask import Flask
from flask import url_for as work_out

from portal.web.addresses import url_for

ASKED = [
    ("public.notices.index", {}),
    ("public.notices.show", {"reference": "GS430181-2026-00001"}),
    ("public.notices.show", {"reference": "GS430522-2026-00002"}),
    ("public.notices.show", {"reference": "带空格 与/斜线?"}),
    ("public.notices.show", {"reference": ".."}),
    ("public.alerts.new", {"bureau": "430522"}),
    ("public.alerts.new", {"q": "长沙&x=1"}),
    ("public.notices.index", {"bureau": "430522", "status": "open"}),
    ("public.notices.index", {"_anchor": "main"}),
    ("public.feeds.notices", {"form": "atom"}),
    ("public.feeds.notices", {"form": "rss"}),
    ("public.receipts.verify", {}),
    ("public.receipts.download", {"token": "ab_c-1"}),
    ("public.exports.notices", {"form": "csv"}),
    ("public.feeds.bureau", {"code": "430522", "form": "atom"}),
    ("public.feeds.project", {"number": "带空格 与/斜线?", "form": "rss"}),
    ("static", {"filename": "css/site.css"}),
]


@pytest.mark.parametrize(("endpoint", "values"), ASKED)
@pytest.mark.parametrize("root", ["", "/gongshi"])
def test_a_remembered_address_is_the_one_flask_works_out(
    sqlite_app: Flask, endpoint: str, values: dict[str, str], root: str
) -> None:
    with sqlite_app.test_request_context("/notices", environ_overrides={"SCRIPT_NAME": root}):
        expected = work_out(endpoint, **values)  # type: ignore[arg-type]
        assert [url_for(endpoint, **values), url_for(endpoint, **values)] == [expected, expected]
