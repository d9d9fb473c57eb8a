"""公示监测 as the public reads it: one line on the notice, and the ledger behind it (rule N7)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal import clock
from portal.domain import publication_gaps
from portal.models.words import SightingOutcome
from tests.builders import at, done, notice
from tests.domain.office import office
from tests.public.reading import without_role
from tests.public.statements import counted
from tests.watching import gap, looked

WHY = "机房停电，已张贴纸质公示"


@pytest.mark.rule("N7")
def test_a_notice_says_in_a_line_how_often_it_was_seen_and_carries_its_fingerprint(app: Flask, client: FlaskClient):
    published = notice()
    address = f"/notices/{published.reference}"
    page = client.get(address).text
    assert f'data-content-hash="{published.content_hash}"' in page
    assert "公示监测：还没有记录。" in page
    for hours in (0, 3):
        looked(published, at("2026-10-09 08:00") + timedelta(hours=hours))
    assert "已核验2次，最近一次2026年10月9日 11:00，未发现中断" in client.get(address).text
    looked(published, "2026-10-09 14:00", SightingOutcome.ABSENT)
    assert "最近的监测没有看到本公示" in client.get(address).text
    looked(published, "2026-10-09 15:01")
    page = client.get(address).text
    assert "发现中断1次，待经办单位决定，决定之前不会结束公示" in page
    assert f"公示曾经中断，由{published.bureau.name}决定延长还是说明理由后不延长" in page  # what comes next
    assert "监测发现公示" in page  # in its history
    assert f'href="{address}/watch"' in page


@pytest.mark.rule("N7")
def test_the_ledger_shows_every_look_the_gaps_and_the_times_without_looks(app: Flask, client: FlaskClient):
    published, desk = notice(), office()
    looked(published, "2026-10-08 08:00")
    gap(published, "2026-10-09 08:00", "2026-10-09 10:00")
    address = f"/notices/{published.reference}/watch"
    page = client.get(address).text
    assert re.search(r'aria-current="page">公示<', page)
    assert page.index("2026年10月9日 10:00") < page.index("2026年10月8日 08:00")
    assert not without_role(page, "监测记录")
    assert "网站没有应答" in page
    assert "此前约24小时没有监测记录" in page
    assert f"待{published.bureau.name}决定" in page
    assert "每隔3小时" in page
    assert "超过1小时" in page
    done(lambda: publication_gaps.extend(published, WHY, actor=desk.decider, now=at("2026-10-09 11:00")))
    page = client.get(address).text
    assert "延长公示期" in page
    assert WHY in page
    assert desk.decider.name not in page
    assert "延后至<strong>2026年10月14日" in client.get(f"/notices/{published.reference}").text


@pytest.mark.rule("N7")
def test_a_long_ledger_is_paged_by_key(sqlite_app: Flask, sqlite_client: FlaskClient):
    published = notice()
    for hour in range(25):
        looked(published, at("2026-10-01 08:00") + timedelta(hours=3 * hour))
    address = f"/notices/{published.reference}/watch"
    first = sqlite_client.get(address).text
    assert first.count("与公示内容一致") == 20
    assert "?before=" in first
    older = sqlite_client.get(f"{address}?before=6").text
    assert older.count("与公示内容一致") == 5
    assert "已经到头了" in sqlite_client.get(f"{address}?before=1").text
    for strange in ("before=x", "after=-1", "before=999999999999999999999"):
        assert sqlite_client.get(f"{address}?{strange}").status_code == 200


@pytest.mark.rule("N7")
def test_a_notice_nobody_looked_at_says_so_and_an_unknown_one_is_not_found(
    sqlite_app: Flask, sqlite_client: FlaskClient
):
    published = notice()
    assert "还没有监测记录" in sqlite_client.get(f"/notices/{published.reference}/watch").text
    for reference in ("GS430181-2026-99999", "x" * 300, "%00", "'; --"):
        answer = sqlite_client.get(f"/notices/{reference}/watch")
        assert answer.status_code in (400, 404)


@pytest.mark.rule("N7")
def test_the_ledger_says_that_nobody_has_looked_since(sqlite_app: Flask, sqlite_client: FlaskClient, tmp_path):
    published = notice()
    looked(published, "2026-10-09 08:00")
    clock.use_demo_file(tmp_path / "clock.json")
    try:
        clock.start_demo_at(at("2026-10-10 08:30"))
        assert (
            "最近一次监测之后已有约24小时没有监测记录"
            in sqlite_client.get(f"/notices/{published.reference}/watch").text
        )
    finally:
        clock.use_demo_file(None)


@pytest.mark.rule("N7")
def test_the_line_on_a_notice_asks_the_database_nothing_further(sqlite_app: Flask, sqlite_client: FlaskClient):
    watched, unwatched = notice(), notice()
    looked(watched, "2026-10-09 08:00")
    asked = []
    for each in (unwatched, watched, unwatched):
        address = f"/notices/{each.reference}"
        with counted() as sent:
            sqlite_client.get(address)
        asked.append(len(sent))
    assert asked[1] == asked[2]
