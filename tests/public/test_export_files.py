"""A file to save: harmless in a spreadsheet, bounded in length and memory, refused when too many are being made."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Iterator
from datetime import date

import pytest
from flask.testing import FlaskClient

from portal.public import export_files
from portal.public.export_files import AT_ONCE, MOST_ROWS, TOO_MANY, Cells, harmless
from tests import builders
from tests.public.exported import FORMS, read, rows


@pytest.mark.parametrize(
    "typed",
    [
        '=HYPERLINK("http://evil.example","点我")工程',
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3+cmd",
        "@SUM(A1:A9)",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(1)",
        "  =1+1",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "\u202e=1+1",
        "\x0b=1+1",
        '"=1+1',
    ],
)
def test_no_text_becomes_a_formula(sqlite_client: FlaskClient, typed: str) -> None:
    cell = harmless(typed)
    assert isinstance(cell, str)
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))

    builders.bureau()
    builders.project(typed)
    for form in FORMS:
        (row,) = rows(sqlite_client, "projects", form)
        name = row["项目名称"]
        assert not name.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")), form
        assert name == cell.replace("\r", "\n") or name == cell or form == "xlsx"


def test_ordinary_cells_stay_as_they_are() -> None:
    assert harmless("浏阳市A-B工程") == "浏阳市A-B工程"
    assert harmless(7) == 7
    assert harmless(date(2026, 10, 13)) == date(2026, 10, 13)
    assert harmless("长寿路\x00\ufffe工程") == "长寿路工程"


def many(count: int) -> Iterator[Cells]:
    for number in range(count):
        yield [f"第{number}号", "某" * 60, date(2026, 10, 13), number]


@pytest.mark.parametrize("form", FORMS)
def test_a_file_ends_at_its_limit_and_says_so(sqlite_client: FlaskClient, form: str) -> None:
    asked = 0

    def endless() -> Iterator[Cells]:
        nonlocal asked
        for row in many(10**9):
            asked += 1
            yield row

    tracemalloc.start()
    with sqlite_client.application.test_request_context():
        file = export_files.answer(form, "公示", ("编号", "名称", "日期", "数"), endless())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    found = read(file.get_data(), form)
    assert len(found) == MOST_ROWS + 1
    assert found[-1]["编号"] == TOO_MANY
    assert asked == MOST_ROWS + 1
    assert peak < 40 * 2**20


def test_a_file_at_its_limit_is_whole_and_does_not_say_so(sqlite_client: FlaskClient) -> None:
    with sqlite_client.application.test_request_context():
        file = export_files.answer("csv", "公示", ("编号", "名称", "日期", "数"), many(MOST_ROWS))
    found = read(file.get_data(), "csv")
    assert len(found) == MOST_ROWS
    assert TOO_MANY not in str(found[-1])


def test_more_at_once_are_asked_to_come_again(sqlite_client: FlaskClient) -> None:
    builders.bureau()
    going, finish = threading.Barrier(AT_ONCE + 1), threading.Event()

    def slow() -> Iterator[Cells]:
        going.wait(10)
        finish.wait(10)
        yield ["1"]

    def export() -> None:
        with sqlite_client.application.test_request_context():
            export_files.answer("csv", "公示", ("编号",), slow())

    others = [threading.Thread(target=export) for _ in range(AT_ONCE)]
    for other in others:
        other.start()
    going.wait(10)
    try:
        refused = sqlite_client.get("/exports/notices.csv")
    finally:
        finish.set()
        for other in others:
            other.join(10)

    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "60"
    assert "正在导出的人较多，请稍候一分钟再试" in refused.text
    assert sqlite_client.get("/exports/notices.csv").status_code == 200
