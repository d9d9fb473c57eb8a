"""Routing under anything one can think of: exactly one answer, or a refusal that names its rule; never a guess."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.domain import divisions, routing
from portal.domain.errors import RuleViolation
from portal.models.words import Kind, Origin, Route, Section

NEW_AREA = "XJXQ"
HANDLED = {row["code"] for row in divisions.table()["divisions"]} | {NEW_AREA}
OURS = {"白箬铺镇", "白马街道", "雷锋街道", "金山桥街道", "黄金园街道", "白箬铺", "白马", "雷锋", "金山桥", "黄金园"}

Found = TypeVar("Found")


def answer(ask: Callable[[], Found]) -> Found | RuleViolation:
    """What was found, or the refusal."""
    try:
        return ask()
    except RuleViolation as refusal:
        return refusal


@pytest.mark.rule("S4", "S2")
@settings(max_examples=200)
@given(kind=st.sampled_from(Kind), section=st.sampled_from(Section), origin=st.sampled_from(Origin))
def test_any_section_has_exactly_one_route_or_a_refusal_naming_its_rule(kind: Kind, section: Section, origin: Origin):
    found = answer(lambda: routing.route(kind, section, origin))
    if isinstance(found, RuleViolation):
        assert found.rule in ("S2", "S4")
        assert section.label in found.message or "考评" in found.message
    else:
        assert found in Route
        assert routing.route(kind, section, origin) is found


@pytest.mark.rule("S3")
@settings(max_examples=120)
@given(code=st.text(max_size=12) | st.from_regex(r"43[0-9]{4}", fullmatch=True), place=st.text(max_size=12))
@example(code="430112", place="")
@example(code="４３０１８１", place="")
@example(code="430181\n", place="")
def test_no_text_is_ever_guessed_into_a_locality(code: str, place: str):
    found = answer(lambda: divisions.bureau_code(code, place))
    if isinstance(found, RuleViolation):
        assert (found.rule, found.field in ("area_code", "township")) == ("S3", True)
        return
    assert found in HANDLED - {"430104"}
    asked = divisions.current_code(code.strip())
    if asked == "430104":
        assert found == NEW_AREA
    elif asked == "430112":
        assert (found == NEW_AREA) == (
            place.strip() in OURS | {f"{name}镇" for name in OURS} | {f"{n}街道" for n in OURS}
        )
    else:
        assert found == asked


@pytest.mark.rule("S3")
@given(place=st.text(min_size=1, max_size=8).filter(str.strip))
def test_wangcheng_is_divided_by_whole_names_only(place: str):
    longer = divisions.bureau_code("430112", f"大{place.strip()}雷锋街道村")
    assert longer == "430112"
