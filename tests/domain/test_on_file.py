"""What the system holds is never asked for again (rule S9)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from portal.domain import on_file, sections
from portal.models.project import Project
from portal.models.record import RecordEntry
from portal.models.words import Section
from tests.builders import entry, project
from tests.domain.office import blank

BUILDER = {"contractor_name": "湖南三穗建筑工程有限公司", "contractor_code": "91430000183764483Y"}
OWNER: dict[str, Any] = {"owner_name": "浏阳市公用事业局", "owner_code": "11430181006121331A"}


def permit(works: Project, number: str = "430181202203010101", **content: Any) -> RecordEntry:
    filled = blank(Section.CONSTRUCTION_PERMIT, permit_number=number, **(content or BUILDER))
    return entry(works, section=Section.CONSTRUCTION_PERMIT, number=number, content=filled)


@pytest.mark.rule("S9")
def test_a_new_entry_is_filled_with_the_projects_name_units_and_permit(app: Flask):
    works = project(**OWNER)
    known = [permit(works)]
    assert on_file.for_new_entry(Section.BASICS, works, known) == {"name": works.name, **OWNER}
    acceptance = on_file.for_new_entry(Section.COMPLETION_ACCEPTANCE, works, known)
    assert acceptance == {**BUILDER, "permit_number": "430181202203010101"}
    for section in Section:
        keys = {field.key for field in sections.schema(section)}
        assert on_file.for_new_entry(section, works, known).keys() <= keys


@pytest.mark.rule("S9")
def test_what_is_said_in_two_ways_or_belongs_to_one_entry_alone_is_not_taken_for_known(app: Flask):
    works = project()
    known = [permit(works), permit(works, "430181202203010202", contractor_name="湖南另一建筑有限公司")]
    acceptance = on_file.for_new_entry(Section.COMPLETION_ACCEPTANCE, works, known)
    assert acceptance.keys() & {"contractor_name", "contractor_code", "permit_number"} == set()
    alone = on_file.for_new_entry(Section.CONTRACT, works, known[:1])
    assert "contractor_name" not in alone
    assert "permit_number" not in on_file.for_new_entry(Section.CONSTRUCTION_PERMIT, works, known[:1])


@pytest.mark.rule("S9")
def test_a_unit_named_anew_gets_the_code_the_system_knows_and_nothing_else_is_touched(app: Flask):
    works = project(owner_name="湖南三穗建筑工程有限公司", owner_code="91430000183764483Y")
    raw = {"client_name": "浏阳市公用事业局", "client_code": "", "contractor_name": works.owner_name}
    raw |= {"contractor_code": "", "union_name": "谁也不认识的公司", "union_code": ""}
    filled = on_file.with_known_codes(Section.CONTRACT, raw, {"client_name": "浏阳市公用事业局"}, {})
    assert filled == raw | {"contractor_code": "91430000183764483Y"}
    named = on_file.with_known_codes(Section.CONTRACT, raw, {}, {"浏阳市公用事业局": "11430181006121331A"})
    assert named["client_code"] == "11430181006121331A"
    assert on_file.code_of("", {}) == ""
