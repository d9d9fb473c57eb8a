"""The macros and frames by themselves: sound HTML, the right words, and the ties a screen reader needs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, MultipleFileField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired

from portal.domain.workdays import open_window, package_calendar, working_days_left

LONG = "湖南湘江新区梅溪湖国际新城二期文化艺术中心及地下综合管廊（含代建市政道路）工程总承包（EPC）项目"
Shown = Callable[..., Element]


class Filing(FlaskForm):
    mode = RadioField(
        "身份方式",
        choices=[SelectChoice("real_name", "实名"), SelectChoice("anonymous", "匿名")],
        validators=[InputRequired("请选择身份方式")],
    )
    name = StringField("姓名", validators=[DataRequired("请填写姓名")])
    text = TextAreaField("理由")
    files = MultipleFileField("证据")
    agree = BooleanField("内容真实", validators=[InputRequired("请确认")])
    ticket = HiddenField(validators=[InputRequired("填写凭据已失效")])


def words(element: Element) -> str:
    """What is read, blanks taken out."""
    return "".join("".join(element.itertext()).split())


def of_class(tree: Element, name: str) -> list[Element]:
    """The elements that carry the class `name`."""
    return [element for element in tree.iter() if name in (element.get("class") or "").split()]


def strip(shown: Shown, published: date, today: date, **more: Any) -> Element:
    """The window strip of a notice published on one day, seen on another."""
    window = open_window(published, package_calendar())
    left = working_days_left(today, window.last_day, package_calendar())
    return shown("window", "window_strip", window, today, left, **more)


@pytest.mark.rule("N3")
def test_the_strip_numbers_five_working_days_and_names_the_last_with_weekday_and_hour(shown: Shown) -> None:
    tree = strip(shown, date(2026, 9, 30), date(2026, 10, 9))

    assert [words(mark) for mark in of_class(tree, "day__mark")] == [f"第{n}个工作日" for n in range(1, 6)]
    assert words(of_class(tree, "window__last")[0]) == "2026年10月13日星期二24:00（北京时间）"
    assert words(of_class(tree, "window__left")[0]) == "还剩3个工作日"
    assert "10月13日" in words(of_class(tree, "day--last")[0])


@pytest.mark.rule("N1", "N4")
def test_every_skipped_day_says_why_and_a_make_up_day_counts(shown: Shown) -> None:
    tree = strip(shown, date(2026, 9, 30), date(2026, 10, 9))

    reasons = [words(of_class(day, "day__why")[0]) for day in of_class(tree, "day--skipped")]
    assert reasons == ["国庆节"] * 7 + ["周日"]
    make_up = next(day for day in of_class(tree, "day--counted") if "调休上班" in words(day))
    assert "10月10日" in words(make_up)
    assert "当日不计" in words(of_class(tree, "day--start")[0])


@pytest.mark.rule("N3")
@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2026, 9, 23), "还剩1个工作日"),
        (date(2026, 9, 24), "今日24:00截止"),
        (date(2026, 9, 25), "公示期已届满"),
    ],
)
def test_the_strip_is_open_until_the_last_day_is_over(shown: Shown, today: date, said: str) -> None:
    tree = strip(shown, date(2026, 9, 18), today)

    assert words(of_class(tree, "window__left")[0]) == said
    assert bool(of_class(tree, "window--over")) is (said == "公示期已届满")


def test_a_retracted_notice_counts_down_to_nothing(shown: Shown) -> None:
    tree = strip(shown, date(2026, 9, 18), date(2026, 9, 21), retracted=True)

    assert words(of_class(tree, "window__left")[0]) == "公示已撤回"


@pytest.mark.rule("N5")
def test_a_last_day_nobody_knows_yet_is_marked_and_explained(shown: Shown) -> None:
    tree = strip(shown, date(2026, 12, 25), date(2026, 12, 28))

    assert "尚未公布2027年放假安排" in words(of_class(tree, "window__provisional")[0])
    assert of_class(tree, "day--guess")
    assert not of_class(strip(shown, date(2026, 9, 18), date(2026, 9, 21)), "window__provisional")


@pytest.mark.rule("N5")
def test_a_provisional_last_day_that_has_passed_is_not_called_the_end(shown: Shown) -> None:
    tree = strip(shown, date(2026, 12, 25), date(2027, 1, 4))

    assert words(of_class(tree, "window__left")[0]) == "暂定截止日已过，放假安排公布后确定"
    assert not of_class(tree, "window--over")


@pytest.mark.rule("N1")
def test_a_change_shows_before_and_after_first_and_folds_what_stays(shown: Shown) -> None:
    row = {"label": "合同金额", "before": "12,345.67 万元", "after": "12,845.67 万元", "style": "num"}
    gone = {"label": "联合体成员", "before": "某某公司", "after": None, "style": ""}
    same = {"label": "合同编号", "before": "HT-1", "after": "HT-1", "style": "code"}
    section = {"title": f"合同 · {LONG}", "changed": [row, gone], "unchanged": [same], "added": False, "note": ""}
    tree = shown("diff", "diff", [section])

    assert [words(cell) for cell in tree.iter("del")] == ["12,345.67万元", "某某公司"]
    assert [words(cell) for cell in tree.iter("ins")] == ["12,845.67万元", "删除此项"]
    assert "合同编号" in words(next(tree.iter("details")))
    assert {cell.get("data-label") for cell in tree.iter("td")} == {"变更前", "变更后"}


def test_a_new_entry_has_no_empty_column_for_before(shown: Shown) -> None:
    row = {"label": "建筑高度", "before": None, "after": "99.80 m", "style": "num"}
    section = {"title": "业绩技术指标", "changed": [row], "unchanged": [], "added": True, "note": ""}
    tree = shown("diff", "diff_section", section)

    assert not list(tree.iter("del"))
    assert len(list(tree.iter("td"))) == 1


def filled(bare_app: Flask, shown: Shown, data: MultiDict[str, str] | None) -> Element:
    """The form as a page shows it: fresh, or sent back with what was wrong."""
    with bare_app.test_request_context("/", method="GET" if data is None else "POST"):
        form = Filing(formdata=data)
        if data is not None:
            form.validate()
        field = bare_app.jinja_env.get_template("components/form.html").module.field  # type: ignore[attr-defined]
        inside = Markup("").join(
            (
                field(form.mode, option_hints={"anonymous": "请保存好查询码。"}),
                field(form.name, hint="与证件一致"),
                field(form.text),
                field(form.files, limits="PDF，单个不超过20 MB"),
                field(form.agree),
                form.ticket(),
            )
        )
        return shown("form", "post_form", "/filings", form, files=True, caller=lambda: inside)


def test_each_mistake_is_said_on_top_with_a_link_and_beside_its_field(bare_app: Flask, shown: Shown) -> None:
    tree = filled(bare_app, shown, MultiDict())

    summary = of_class(tree, "summary")[0]
    assert summary.get("role") == "alert"
    assert [link.get("href") for link in summary.iter("a")] == ["#mode-0", "#name", "#agree"]
    assert "填写凭据已失效" in words(summary)  # a hidden field has no place to link to
    name = next(element for element in tree.iter("input") if element.get("id") == "name")
    assert name.get("aria-invalid") == "true"
    assert name.get("aria-describedby") == "name-hint name-error"
    ids = {element.get("id") for element in tree.iter()}
    referred = [part for element in tree.iter() for part in (element.get("aria-describedby") or "").split()]
    assert referred
    assert ids.issuperset(referred)


def test_radios_stand_in_a_fieldset_and_what_may_be_left_out_is_marked(bare_app: Flask, shown: Shown) -> None:
    tree = filled(bare_app, shown, None)

    assert words(next(tree.iter("legend"))) == "身份方式"
    labels = {label.get("for"): words(label) for label in tree.iter("label")}
    assert labels["text"] == "理由（选填）"
    assert labels["name"] == "姓名"
    assert not of_class(tree, "summary")


def test_an_action_refused_says_why_instead_of_vanishing(shown: Shown) -> None:
    tree = shown("form", "post_button", "/x", "审核办理", "token", why="公示期未满")

    assert next(tree.iter("button")).get("disabled") is not None
    assert "公示期未满" in words(tree)
    assert next(tree.iter("input")).get("value") == "token"


def test_the_stepper_marks_one_current_step(shown: Shown) -> None:
    marks = [step.get("aria-current") for step in shown("stepper", "stepper", 2).iter("li")]

    assert marks == [None, None, "step", None]
    assert not [step for step in shown("stepper", "stepper", 4).iter("li") if step.get("aria-current")]


COLUMNS = [{"label": "编号", "sort_url": "?s", "sorted": "ascending"}, {"label": "金额", "num": True}]
EVENT = {
    "when": "2026年9月30日",
    "iso": "",
    "sentence": LONG,
    "actor": "公示岗",
    "icon": "flag",
    "detail": "",
    "tone": "",
}
TILE = {"code": "4301", "name": "长沙", "count": 3, "shade": 2, "url": "/notices"}
SMALL: list[tuple[str, str, tuple[Any, ...]]] = [
    ("badge", "level_badge", ("C",)),
    ("badge", "level_badge", (None,)),
    ("badge", "status_badge", ("公示中", "blue")),
    ("empty", "empty", ("没有找到", "换一个词。", [("全部", "/notices")])),
    ("facts", "facts", ([("单位", LONG, ""), ("代码", "91430000183764483Y", "code")],)),
    ("facts", "stats", ([(9, "今日截止", "/notices", "amber"), (3, "异议成立", "", "")],)),
    ("filter", "filter_text", ("q", "关键词", LONG)),
    ("filter", "filter_select", ("city", "市州", [("1", "长沙")], "1")),
    ("filter", "filter_choices", ("状态", [("全部", "/n", True, 3), ("结束", "/m", False, None)])),
    ("message", "message", ("查询码不正确", "red", "注意")),
    ("paging", "paging", (None, "?before=1", "本页20条")),
    ("progress", "progress", ("导入", 0, 0, 2, "running", "", "/progress")),
    (
        "receipt",
        "receipt",
        ("异议已收到", "YY-1-Q8", "K3VX-7WMR", "2026年10月9日", "data:image/png;base64,", "等待答复"),
    ),
    ("tabs", "tabs", ("案件", [("材料", "/m", True, 0), ("公示", "/g", False, None)])),
    ("tilemap", "tile_map", ([TILE], "正在公示")),
    ("timeline", "timeline", ([EVENT],)),
]


@pytest.mark.parametrize(
    ("component", "macro", "args"), SMALL, ids=lambda value: value if isinstance(value, str) else ""
)
def test_each_small_component_is_sound_html(shown: Shown, component: str, macro: str, args: tuple[Any, ...]) -> None:
    assert words(shown(component, macro, *args))


def test_a_table_and_a_filter_bar_are_sound_around_what_they_hold(shown: Shown) -> None:
    row = Markup("<tr><td>1</td><td class=num>2</td></tr>")

    table = shown("table", "table", "待办事项", COLUMNS, caller=lambda: row)
    assert [head.get("aria-sort") for head in table.iter("th")] == ["ascending", None]
    bar = shown("filter", "filter_bar", "/notices", "/notices", caller=lambda: Markup(""))
    assert next(bar.iter("form")).get("method") == "get"


def test_a_list_of_notices_escapes_what_companies_call_themselves(shown: Shown) -> None:
    row = SimpleNamespace(
        reference="CS-2026-1", title='<script>"&', company=LONG, bureau="长沙市", kind="修正", last_day="10月13日 周二",
        chip="还剩2个工作日", tone="blue",
    )  # fmt: skip
    tree = shown("notice_card", "notice_list", [row], "/notices/")

    link = next(tree.iter("a"))
    assert link.get("href") == "/notices/CS-2026-1"
    assert words(link) == '<script>"&'
