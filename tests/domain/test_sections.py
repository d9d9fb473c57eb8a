"""The ten sections: what they hold, how they are read, shown, compared and doubted (rules S1, S5, S10, N1)."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import sections
from portal.domain.sections import Entry, FieldType
from portal.models.words import Section
from tests.domain.test_cleaning import ANYTHING

CONTRACT = {
    "合同类别": "施工总包", "合同签订日期": "2017-5-24 0:00:00", "合同金额": 913.8285, "发包单位": "丽江供排水有限公司",
    "发包单位统一社会信用代码": "91530702219210897C", "承包单位": "丽江乙立建筑装饰有限公司",
    "承包单位统一社会信用代码": "91530700713494135Y",
}  # fmt: skip


def of(section: Section, **content: Any) -> Entry:
    return Entry(section, content)


@pytest.mark.rule("S1")
def test_every_section_has_a_schema_whose_keys_and_labels_are_unique() -> None:
    assert set(sections.SCHEMAS) == set(Section)
    for section in Section:
        fields = sections.schema(section)
        assert len({field.key for field in fields}) == len({field.label for field in fields}) == len(fields)
        assert all((field.type is FieldType.CHOICE) == (field.codes is not None) for field in fields)
        assert any(field.required for field in fields)


@pytest.mark.rule("S5")
def test_the_sections_the_supplement_gate_judges_have_exactly_one_own_date() -> None:
    own = {section: [field.label for field in sections.schema(section) if field.is_section_date] for section in Section}
    assert own[Section.BIDDING] == ["中标公示日期"]
    assert own[Section.CONTRACT] == ["合同签订日期"]
    assert own[Section.DRAWING_REVIEW] == ["审查完成日期"]
    assert own[Section.CONSTRUCTION_PERMIT] == ["发证日期"]
    assert all(len(labels) <= 1 for labels in own.values())
    assert sections.section_date(Section.BIDDING, {"award_date": "2024-09-01"}) == date(2024, 9, 1)
    assert sections.section_date(Section.BIDDING, {"award_date": None}) is None
    assert sections.section_date(Section.BASICS, {"name": "甲"}) is None


@pytest.mark.rule("N1")
def test_no_schema_asks_for_a_person() -> None:
    labels = "".join(field.label for section in Section for field in sections.schema(section))
    assert not any(word in labels for word in ("姓名", "经理", "负责人", "身份证", "电话", "手机", "联系人"))


@pytest.mark.rule("S10")
def test_a_row_by_label_becomes_canonical_content() -> None:
    content, problems = sections.parse(Section.CONTRACT, CONTRACT)
    assert problems == []
    assert content == {
        "number": None, "contract_type": "301", "signing_date": "2017-05-24", "amount": "913.8285", "scale": None,
        "client_name": "丽江供排水有限公司", "client_code": "91530702219210897C", "contractor_name":
        "丽江乙立建筑装饰有限公司", "contractor_code": "91530700713494135Y", "union_name": None, "union_code": None,
    }  # fmt: skip
    json.dumps(content)
    assert sections.parse(Section.CONTRACT, content) == (content, [])


@pytest.mark.rule("S10")
def test_what_is_missing_or_wrong_is_said_field_by_field() -> None:
    _, problems = sections.parse(
        Section.CONTRACT, {**CONTRACT, "合同金额": "-1.0", "合同签订日期": "5月24日", "合同类别": "不知道"}
    )
    assert [(problem.label, problem.severity) for problem in problems] == [
        ("合同类别", "error"), ("合同签订日期", "error"), ("合同金额", "warning"), ("合同金额", "error"),
    ]  # fmt: skip
    _, lenient = sections.parse(Section.CONTRACT, {}, missing="warning")
    assert lenient
    assert {problem.severity for problem in lenient} == {"warning"}


@pytest.mark.rule("N1")
def test_personal_data_in_a_text_field_is_refused_and_not_repeated() -> None:
    content, problems = sections.parse(Section.CONTRACT, {**CONTRACT, "scale": "详询13800138000"})
    assert content["scale"] is None
    assert [problem.rule for problem in problems] == ["N1"]
    assert "13800138000" not in str(problems)


@pytest.mark.rule("S10")
def test_a_permit_number_is_held_against_its_day_of_issue() -> None:
    permit = {"施工许可证编号": "430200201701240302", "发证日期": "2017-01-24"}
    assert sections.parse(Section.CONSTRUCTION_PERMIT, permit)[1] == []
    _, problems = sections.parse(Section.CONSTRUCTION_PERMIT, {**permit, "发证日期": "2017-01-25"})
    assert [problem.key for problem in problems] == ["permit_number"]


@pytest.mark.rule("S10")
@pytest.mark.parametrize(
    ("section", "label", "word", "code"),
    [
        (Section.CONTRACT, "合同类别", "施工总承包", "301"), (Section.BIDDING, "招标方式", "公开", "001"),
         (Section.BIDDING, "招标方式", 1, "001"),
        (Section.BASICS, "项目分类", "房屋建筑工程", "01"), (Section.BASICS, "建设性质", "其它", "099"),
        (Section.TECHNICAL_INDICATORS, "结构体系", "框架－剪力墙结构", "004"), (Section.SAFETY_ASSESSMENT, "考评结果",
         "优良", "excellent"),
        (Section.BASICS, "立项级别", "区县级", "004"), (Section.BASICS, "工程用途", "100", "100"),
    ],
)  # fmt: skip
def test_codes_labels_and_everyday_words_mean_the_same_code(
    section: Section, label: str, word: object, code: str
) -> None:
    content, _ = sections.parse(section, {label: word})
    assert code in content.values()


@pytest.mark.rule("N1")
def test_values_are_shown_as_chinese_readers_expect() -> None:
    assert sections.display(Section.BIDDING, "award_date", "2026-10-13") == "2026年10月13日"
    assert sections.display(Section.BIDDING, "amount", "7680.29") == "7,680.29 万元"
    assert sections.display(Section.BIDDING, "area", "25430") == "25,430.00 ㎡"
    assert sections.display(Section.TECHNICAL_INDICATORS, "structure", "003") == "框架结构"
    assert sections.display(Section.DRAWING_REVIEW, "first_pass", False) == "否"
    assert sections.display(Section.TECHNICAL_INDICATORS, "storeys_above", 17) == "17"
    assert sections.display(Section.CONTRACT, "union_name", None) == "—"
    assert sections.display(Section.CONTRACT, "no_such_key", "x") == "x"


@pytest.mark.rule("N1")
def test_a_comparison_shows_changed_fields_first_and_never_two_alike_as_changed() -> None:
    before, _ = sections.parse(Section.CONTRACT, CONTRACT)
    after = {**before, "amount": "913.83", "union_name": "某联合体有限公司"}
    changes = sections.diff(Section.CONTRACT, before, after)
    assert [(c.label, c.before, c.after) for c in changes if c.changed] == [
        ("合同金额", "913.8285 万元", "913.83 万元"), ("联合体承包单位", "—", "某联合体有限公司"),
    ]  # fmt: skip
    assert [c.changed for c in changes] == sorted((c.changed for c in changes), reverse=True)
    assert all(c.before == c.after for c in changes if not c.changed)
    new = sections.diff(Section.CONTRACT, None, before)
    assert new
    assert all(c.changed and c.before == "—" for c in new)


@pytest.mark.rule("S10")
def test_contradictions_between_entries_are_named() -> None:
    entries = [
        of(Section.BASICS, area="4021"),
        Entry(Section.BIDDING, {"award_date": "2017-12-25"}, entered_on=date(2017, 12, 25)),
        of(Section.CONTRACT, signing_date="2010-06-29", amount="2811", contract_type="301"),
        of(Section.DRAWING_REVIEW, pass_date="2017-09-18"),
        of(Section.CONSTRUCTION_PERMIT, issue_date="2016-11-23", permit_number="4419002010100005-SX-001"),
        of(Section.ACCEPTANCE_FILING, start_date="2010-06-20", end_date="2010-06-10", cost="3600", area="4201"),
        of(Section.TECHNICAL_INDICATORS, building="3号厂房", storeys_above=8),
        of(Section.TECHNICAL_INDICATORS, building="3号厂房", storeys_above=17),
    ]
    said = {
        (doubt.index, doubt.key): doubt.message for doubt in sections.doubts(entries, project_number="4419002009290102")
    }
    assert "晚于合同签订日期" in said[1, "award_date"] or "同一天" in said[1, "award_date"]
    assert "晚于施工许可证发证日期" in said[3, "pass_date"]
    assert "属于项目4419002010100005" in said[4, "permit_number"]
    assert "早于" in said[5, "start_date"]
    assert "早于开工日期" in said[5, "end_date"]
    assert "相差+28%" in said[5, "cost"]
    assert "两位数字的次序" in said[5, "area"]
    assert "出现两次" in said[7, "building"]


@pytest.mark.rule("S10")
def test_entries_that_agree_raise_no_doubt() -> None:
    entries = [
        of(Section.BASICS, area="4021"),
        of(Section.BIDDING, award_date="2012-07-17"),
        of(Section.CONTRACT, signing_date="2012-07-20", amount="357.39", contract_type="301"),
        of(
            Section.COMPLETION_ACCEPTANCE,
            start_date="2012-07-20",
            acceptance_date="2012-08-25",
            cost="446.73",
            area="4021",
        ),
    ]
    assert sections.doubts(entries, project_area=Decimal(4021)) == []


@pytest.mark.rule("S10")
@given(st.sampled_from(Section), st.data())
def test_parsing_never_raises_and_parsing_its_result_changes_nothing(section: Section, data: st.DataObject) -> None:
    labels = st.sampled_from([field.label for field in sections.schema(section)])
    raw = data.draw(st.dictionaries(labels, ANYTHING, max_size=6))
    content, _ = sections.parse(section, raw)
    assert sections.parse(section, content)[0] == content
    json.dumps(content)
    for key, value in content.items():
        assert sections.display(section, key, value)
    sections.doubts([Entry(section, content), Entry(section, content)])
    assert not any(change.changed for change in sections.diff(section, content, content))
