"""A page that cannot be shown says where to go on."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.public.reading import words


@pytest.mark.parametrize(
    ("address", "way_on"),
    [
        ("/projects/9999999999999999", "查找项目和企业"),
        ("/companies/91430000000000000X", "查找项目和企业"),
        ("/alerts/" + "x" * 43, "订阅公示提醒"),
        ("/circulars/none", "查看全部通报"),
        ("/nowhere", "查看公示列表"),
    ],
)
def test_what_is_not_there_leads_on_to_where_it_may_be_found(
    sqlite_client: FlaskClient, address: str, way_on: str
) -> None:
    answer = sqlite_client.get(address)
    assert answer.status_code in (404, 410)
    assert way_on in words(answer.text)
