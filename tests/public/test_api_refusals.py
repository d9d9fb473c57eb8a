"""What the open interface refuses, and how: a problem in Chinese (RFC 9457), never a page and never a 500."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from flask.testing import FlaskClient

from tests import builders

ROOT = "/api/v1"
WRONG: list[tuple[str, int, str]] = [
    ("/notices?limit=0", 400, "limit"),
    ("/notices?limit=101", 400, "limit"),
    ("/notices?limit=1_0", 400, "limit"),
    ("/notices?limit=１０", 400, "limit"),
    ("/notices?limit=", 400, "limit"),
    ("/notices?before=-1", 400, "before"),
    ("/notices?before=99999999999999999999", 400, "before"),
    ("/notices?kind=补录", 400, "kind"),
    ("/notices?status=open&status=retracted", 400, "只能出现一次"),
    ("/notices?sort=asc", 400, "没有“sort”这个参数"),
    ("/notices?q=", 400, "q"),
    ("/notices?q=" + "长" * 61, 400, "q"),
    ("/notices?q=%01", 400, "q"),
    ("/notices?q=%00", 400, "控制字符"),
    ("/notices?bureau=nowhere", 404, "部门代码"),
    ("/notices?bureau=';DROP", 400, "bureau"),
    ("/notices?project=nothing", 404, "项目编号"),
    ("/notices/nothing", 404, "公示编号"),
    ("/notices/nothing/window", 404, "公示编号"),
    ("/notices/nothing/more/and/more", 404, "没有这个地址"),
    ("/projects/" + "9" * 500, 404, "项目编号"),
    ("/bureaus?x=1", 400, "不带参数"),
    ("/working-days", 400, "缺少必需的参数from"),
    ("/working-days?from=2026-02-30", 400, "from"),
    ("/working-days?from=20260930", 400, "from"),
    ("/working-days?from=1790000000", 400, "from"),
    ("/working-days?from=2026-09-30&days=401", 400, "days"),
    ("/working-days?from=9999-12-31&days=400", 404, "日期"),
    ("/working-days?from=0001-01-01", 404, ""),
    ("/windows/2026-13-01", 404, "日期"),
    ("/windows/9999-12-31", 404, "日期"),
    ("/windows/tomorrow", 404, "日期"),
    ("/nothing", 404, "没有这个地址"),
    ("/", 404, "没有这个地址"),
    ("/notices/", 404, "没有这个地址"),
    ("/..%2f..%2fetc/passwd", 404, "没有这个地址"),
]


def test_wrong_questions_are_answered_with_a_problem_in_chinese(client: FlaskClient) -> None:
    builders.bureau()
    document: Any = client.get(ROOT + "/openapi.json").json
    schema = document["components"]["schemas"]["Problem"]
    for path, status, part in WRONG:
        answer = client.get(ROOT + path)
        assert answer.status_code == status, (path, answer.text[:200])
        assert answer.mimetype == "application/problem+json", path
        problem: Any = answer.json
        jsonschema_rs.validate(schema, problem)
        assert problem["status"] == status
        assert part in problem["detail"], (path, problem)
        assert "\u4e00" <= problem["detail"][0] <= "\u9fff", path
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_nothing_can_be_changed_by_the_interface(client: FlaskClient, method: str) -> None:
    for path in ("/notices", "/notices/GS430181-2026-00001", "/nothing", "/openapi.json", "/"):
        answer = client.open(ROOT + path, method=method, data=b"{nonsense", content_type="application/json")
        assert answer.status_code == 405, path
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
        problem: Any = answer.json
        assert problem["detail"] == "接口只能查询，请用GET。"


def test_pages_of_other_sites_may_read_it(client: FlaskClient) -> None:
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    answer = client.open(ROOT + "/notices", method="OPTIONS", headers=asked)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert answer.headers["Access-Control-Allow-Headers"] == "If-None-Match"
    assert "Access-Control-Allow-Credentials" not in answer.headers
