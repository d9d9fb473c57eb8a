"""变更前后对照: what the comparison of an entry says and marks (rules N1, L1)."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from portal.models.words import DataLevel
from portal.public.comparison import compare, mark
from tests import builders


@pytest.mark.rule("L1")
def test_a_correction_of_what_has_that_level_already_says_that_the_level_stays(sqlite_client: FlaskClient) -> None:
    change = json.loads(builders.notice().content)["changes"][0]
    assert compare(change | {"level": "C"}, DataLevel.C).note.endswith(f"；数据等级仍为{DataLevel.C.label}")
    assert (
        f"办结后数据等级为{DataLevel.C.label}（现为{DataLevel.D.label}）"
        in compare(change | {"level": "D"}, DataLevel.C).note
    )


def test_the_one_digit_that_changed_is_marked() -> None:
    assert str(mark("430181201501160101", "430181201501160191")) == "4301812015011601<mark>9</mark>1"
    assert mark("甲公司", "完全不同的另一家单位") == "完全不同的另一家单位"
    assert "&lt;b&gt;" in str(mark("<b>甲乙丙丁", "<b>甲乙丙戊"))
    assert str(mark("甲乙丙丁", "甲乙<b>丙丁")) == "甲乙<mark>&lt;b&gt;</mark>丙丁"
    assert str(mark("甲乙丙丁戊", "甲丙丁")) == "甲丙丁"
