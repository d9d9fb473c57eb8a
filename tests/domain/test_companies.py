"""Which company took part in which project, as what: read from what the records say (rules S9, S10)."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.domain import companies
from portal.extensions import db
from portal.models.company import Company, Participation
from portal.models.project import Project
from portal.models.search import find
from portal.models.words import Section
from tests.builders import application, contract, done, entry, notice, project
from tests.domain.office import close

CODE, NAME = "91430100MA4L12346D", "湖南甲建设有限公司"
OTHER = "91430100MA4L567877"


def roles_in(works: Project) -> set[tuple[str, str, str]]:
    query = (
        db.select(Company.code, Company.name, Participation.role)
        .join(Participation, Participation.company_id == Company.id)
        .where(Participation.project_id == works.id)
    )
    return {(row.code, row.name, row.role) for row in db.session.execute(query)}


def note(works: Project, *named: tuple[str, str, str]) -> None:
    done(lambda: companies.note(works, named))


@pytest.mark.rule("S9")
def test_the_owner_and_everybody_an_entry_names_with_a_code_take_part(app: Flask):
    works = project(owner_name="浏阳市公用事业局", owner_code=OTHER)
    entry(works, content=contract() | {"contractor_code": CODE, "contractor_name": NAME})
    assert roles_in(works) == {(OTHER, "浏阳市公用事业局", "建设单位"), (CODE, NAME, "承包单位")}


@pytest.mark.rule("S10")
@pytest.mark.parametrize("code", ["", "91430100MA4L12346X", "123", "某公司", "91430100ma4l12346d"])
def test_a_code_that_is_none_makes_no_company(app: Flask, code: str):
    works = project()
    note(works, (code, NAME, "承包单位"))
    assert roles_in(works) == set()


def test_what_is_known_is_written_once_and_the_newest_name_counts_everywhere(app: Flask):
    first, second = project(), project("浏阳市另一工程")
    note(first, (CODE, NAME, "承包单位"))
    note(first, (CODE, NAME, "承包单位"), (CODE, NAME, "施工单位"))
    note(second, (CODE, "湖南甲集团有限公司", "承包单位"))
    assert roles_in(first) == {(CODE, "湖南甲集团有限公司", "承包单位"), (CODE, "湖南甲集团有限公司", "施工单位")}
    for words, hits in (("甲集团", 1), ("甲建设", 0), (CODE[-6:], 1)):
        found = find(Company, words, {}, limit=5)
        assert found is not None
        assert found.count == hits, words


@pytest.mark.rule("S9", "N9")
def test_an_approved_correction_changes_who_takes_part(app: Flask):
    works = project()
    target = entry(works, content=contract() | {"contractor_code": CODE, "contractor_name": NAME})
    after = {**target.content, "contractor_code": OTHER, "contractor_name": "湖南乙建设有限公司"}
    close(notice(case=application(existing=target, after=after)))
    assert roles_in(works) == {(OTHER, "湖南乙建设有限公司", "承包单位")}


def test_the_fields_that_name_a_company_are_read_with_their_codes():
    content = {"client_name": "甲方", "client_code": None, "contractor_name": NAME, "contractor_code": CODE}
    assert companies.named_in(Section.CONTRACT, content) == [
        ("", "甲方", "发包单位"), (CODE, NAME, "承包单位"), ("", "", "联合体承包单位"),
    ]  # fmt: skip
