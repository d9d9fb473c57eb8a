"""The macros and frames by themselves: sound HTML, the right words, and the ties a screen reader needs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, MultipleFileField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired

from portal.config import ROOT
from portal.domain.workdays import open_window, package_calendar, working_days_left
from portal.web import filters
from tests.support.pages import check_page

LONG = "湖南湘江新区梅溪湖国际新城二期文化艺术中心及地下综合管廊（含代建市政道路）工程总承包（EPC）项目"
OUR_FILES = sorted(path for folder in ("css", "js") for path in (ROOT / "static" / folder).iterdir())

Render = Callable[..., Element]


@pytest.fixture
def frame() -> Flask:
    """Flask with our templates and filters and nothing else: what an error page has when all else fails."""
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.update(SECRET_KEY="only for tests", WTF_CSRF_ENABLED=False)
    app.jinja_env.globals["csrf_token"] = lambda: "a token"
    filters.init_app(app)
    return app


@pytest.fixture
def render(frame: Flask) -> Render:
    """Render a template text, check it as a page or as a fragment of one, and return its tree."""

    def _render(source: str, **context: Any) -> Element:
        with frame.test_request_context("/"):
            html = frame.jinja_env.from_string(source).render(context).strip()
        check_page(html, fragment_allowed=True)
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        tree: Element = parser.parse(html) if html.startswith("<!doctype") else parser.parseFragment(html)
        return tree

    return _render


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


def strip(render: Render, published: date, today: date, **more: Any) -> Element:
    """The window strip of a notice published on one day, seen on another."""
    window = open_window(published, package_calendar())
    source = '{% from "components/window.html" import window_strip %}{{ window_strip(window, today, left, retracted=gone) }}'
    left = working_days_left(today, window.last_day, package_calendar())
    return render(source, window=window, today=today, left=left, gone=more.get("retracted", False))


@pytest.mark.rule("N3")
def test_the_strip_numbers_five_working_days_and_names_the_last_with_weekday_and_hour(render: Render) -> None:
    tree = strip(render, date(2026, 9, 30), date(2026, 10, 9))

    assert [words(mark) for mark in of_class(tree, "day__mark")] == [f"第{n}个工作日" for n in range(1, 6)]
    assert words(of_class(tree, "window__last")[0]) == "2026年10月13日星期二24:00（北京时间）"
    assert words(of_class(tree, "window__left")[0]) == "还剩2个工作日"
    assert "10月13日" in words(of_class(tree, "day--last")[0])


@pytest.mark.rule("N1", "N4")
def test_every_skipped_day_says_why_and_a_make_up_day_counts(render: Render) -> None:
    tree = strip(render, date(2026, 9, 30), date(2026, 10, 9))

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
def test_the_strip_is_open_until_the_last_day_is_over(render: Render, today: date, said: str) -> None:
    tree = strip(render, date(2026, 9, 18), today)

    assert words(of_class(tree, "window__left")[0]) == said
    assert bool(of_class(tree, "window--over")) is (said == "公示期已届满")


def test_a_retracted_notice_counts_down_to_nothing(render: Render) -> None:
    tree = strip(render, date(2026, 9, 18), date(2026, 9, 21), retracted=True)

    assert words(of_class(tree, "window__left")[0]) == "公示已撤回"


@pytest.mark.rule("N5")
def test_a_last_day_nobody_knows_yet_is_marked_and_explained(render: Render) -> None:
    tree = strip(render, date(2026, 12, 25), date(2026, 12, 28))

    assert "尚未公布2027年放假安排" in words(of_class(tree, "window__provisional")[0])
    assert of_class(tree, "day--guess")
    assert not of_class(strip(render, date(2026, 9, 18), date(2026, 9, 21)), "window__provisional")


@pytest.mark.rule("N1")
def test_a_change_shows_before_and_after_first_and_folds_what_stays(render: Render) -> None:
    row = {"label": "合同金额", "before": "12,345.67 万元", "after": "12,845.67 万元", "style": "num"}
    gone = {"label": "联合体成员", "before": "某某公司", "after": None, "style": ""}
    same = {"label": "合同编号", "before": "HT-1", "after": "HT-1", "style": "code"}
    section = {"title": f"合同 · {LONG}", "changed": [row, gone], "unchanged": [same], "added": False, "note": ""}
    tree = render('{% from "components/diff.html" import diff %}{{ diff([section]) }}', section=section)

    assert [words(cell) for cell in tree.iter("del")] == ["12,345.67万元", "某某公司"]
    assert [words(cell) for cell in tree.iter("ins")] == ["12,845.67万元", "删除此项"]
    assert "合同编号" in words(next(tree.iter("details")))
    assert {cell.get("data-label") for cell in tree.iter("td")} == {"变更前", "变更后"}


def test_a_new_entry_has_no_empty_column_for_before(render: Render) -> None:
    row = {"label": "建筑高度", "before": None, "after": "99.80 m", "style": "num"}
    section = {"title": "业绩技术指标", "changed": [row], "unchanged": [], "added": True, "note": ""}
    tree = render('{% from "components/diff.html" import diff_section %}{{ diff_section(section) }}', section=section)

    assert not list(tree.iter("del"))
    assert len(list(tree.iter("td"))) == 1


FORM = """{% from "components/form.html" import post_form, field, button %}
{% call post_form("/filings", form, files=true) %}
{{ field(form.mode, option_hints={"anonymous": "请保存好查询码。"}) }}{{ field(form.name, hint="与证件一致") }}{{ field(form.text) }}
{{ field(form.files, limits="PDF，单个不超过20 MB") }}{{ field(form.agree) }}{{ form.ticket }}{{ button("提交") }}{% endcall %}"""


def test_each_mistake_is_said_on_top_with_a_link_and_beside_its_field(frame: Flask, render: Render) -> None:
    with frame.test_request_context("/", method="POST"):
        form = Filing(formdata=MultiDict())
        form.validate()
        tree = render(FORM, form=form)

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


def test_radios_stand_in_a_fieldset_and_what_may_be_left_out_is_marked(frame: Flask, render: Render) -> None:
    with frame.test_request_context("/"):
        tree = render(FORM, form=Filing(formdata=None))

    assert words(next(tree.iter("legend"))) == "身份方式"
    labels = {label.get("for"): words(label) for label in tree.iter("label")}
    assert labels["text"] == "理由（选填）"
    assert labels["name"] == "姓名"
    assert not of_class(tree, "summary")


def test_an_action_refused_says_why_instead_of_vanishing(render: Render) -> None:
    source = '{% from "components/form.html" import post_button %}{{ post_button("/x", "审核办理", "token", why=why) }}'
    tree = render(source, why="公示期未满")

    assert next(tree.iter("button")).get("disabled") is not None
    assert "公示期未满" in words(tree)
    assert next(tree.iter("input")).get("value") == "token"


def test_the_stepper_marks_one_current_step(render: Render) -> None:
    source = '{% from "components/stepper.html" import stepper %}{{ stepper(current) }}'

    tree = render(source, current=2)
    assert [step.get("aria-current") for step in tree.iter("li")] == [None, None, "step", None]
    assert not [step for step in render(source, current=4).iter("li") if step.get("aria-current")]


@pytest.mark.parametrize(
    "source",
    [
        '{% from "components/badge.html" import level_badge, status_badge %}{{ level_badge("C") }}{{ level_badge(none) }}{{ status_badge("公示中", "blue") }}',
        '{% from "components/empty.html" import empty %}{{ empty("没有找到", "换一个词。", [("全部", "/notices")]) }}',
        '{% from "components/facts.html" import facts, stats %}{{ facts([("单位", long, ""), ("代码", "9143", "code")]) }}{{ stats([(9, "今日截止", "/n", "amber"), (3, "成立", "", "")]) }}',
        '{% from "components/filter.html" import filter_bar, filter_text, filter_select, filter_choices %}{% call filter_bar("/n", "/n") %}{{ filter_text("q", "关键词", long) }}{{ filter_select("c", "市州", [("1", "长沙")], "1") }}{% endcall %}{{ filter_choices("状态", [("全部", "/n", true, 3), ("结束", "/m", false, none)]) }}',
        '{% from "components/message.html" import message %}{{ message("查询码不正确", "red", "注意") }}',
        '{% from "components/paging.html" import paging %}{{ paging(none, "/n?before=1", "本页20条") }}{{ paging(none, none) }}',
        '{% from "components/progress.html" import progress %}{{ progress("导入", 0, 0, failed=2, poll_url="/p") }}',
        '{% from "components/receipt.html" import receipt %}{{ receipt("异议已收到", "YY-1-Q8", "K3VX-7WMR", "2026年10月9日", "data:image/png;base64,", "将于15个工作日内答复。") }}',
        '{% from "components/table.html" import table %}{% call table("待办", [{"label": "编号", "sort_url": "?s", "sorted": "ascending"}, {"label": "金额", "num": true}]) %}<tr><td>1</td><td class="num">2</td></tr>{% endcall %}',
        '{% from "components/tabs.html" import tabs %}{{ tabs("案件", [("材料", "/m", true, 0), ("公示", "/g", false, none)]) }}',
        '{% from "components/tilemap.html" import tile_map %}{{ tile_map([{"code": "4301", "name": "长沙", "count": 3, "shade": 2, "url": "/n"}], "正在公示") }}',
        '{% from "components/timeline.html" import timeline %}{{ timeline([{"when": "2026年9月30日 09:30", "iso": "", "sentence": long, "actor": "公示岗", "icon": "megaphone", "detail": "", "tone": "green"}]) }}',
    ],
)  # fmt: skip
def test_each_small_component_is_sound_html(render: Render, source: str) -> None:
    assert words(render(source, long=LONG))


def test_a_list_of_notices_escapes_what_companies_call_themselves(render: Render) -> None:
    row = SimpleNamespace(
        reference="CS-2026-1", title='<script>"&', company=LONG, bureau="长沙市", kind="修正", last_day="10月13日 周二",
        chip="还剩2个工作日", tone="blue",
    )  # fmt: skip
    tree = render('{% from "components/notice_card.html" import notice_list %}{{ notice_list([row], "/notices/") }}', row=row)

    link = next(tree.iter("a"))
    assert link.get("href") == "/notices/CS-2026-1"
    assert words(link) == '<script>"&'


AROUND = {
    "navigation": [{"label": "首页", "url": "/", "current": True, "count": 3, "group": "办理"}],
    "offices": [("建筑管理处", ["0731-88950065"]), ("建设监督处", "0731-88950172")],
    "site": {"site_host": "湖南省住房和城乡建设厅", "site_code": "43", "site_icp": "湘ICP备1号"},
    "footer_links": [("站点地图", "/sitemap")],
    "search_url": "/search",
    "staff": {"name": "欧阳建国", "bureau": "长沙市住房和城乡建设局", "duties": "核实岗"},
    "sign_out_url": "/out",
    "demo": True,
    "demo_clock_url": "/demo/clock",
    "today": date(2026, 11, 22),
}


@pytest.mark.parametrize("layout", ["public/base.html", "backoffice/base.html"])
@pytest.mark.parametrize("around", [AROUND, {}], ids=["all", "nothing"])
def test_a_frame_is_a_sound_page_with_everything_around_it_and_with_nothing(
    render: Render, layout: str, around: dict[str, Any]
) -> None:
    source = f'{{% extends "{layout}" %}}{{% block title %}}公示{{% endblock %}}{{% block content %}}<h1>公示</h1>{{% endblock %}}'
    tree = render(source, **around)

    assert tree.findtext("head/title") == "公示 - 湖南省工程数据信息公示与监督平台"
    assert [main.get("id") for main in tree.iter("main")] == ["main"]
    assert next(tree.iter("a")).get("href") == "#main"
    if around:
        assert "演示系统，数据为改编" in words(tree)
        assert "2026年11月22日星期日" in words(tree)
        moves = [button.get("value") for button in tree.iter("button") if button.get("name") == "to"]
        assert moves == ["next-working-day", "window-end"]


@pytest.mark.parametrize("path", sorted((ROOT / "templates" / "errors").glob("*.html")), ids=lambda path: path.stem)
def test_every_error_page_stands_alone_and_leads_on(render: Render, path: Path) -> None:
    tree = render(path.read_text())

    assert words(next(tree.iter("h1")))
    assert [link for link in tree.iter("a") if "button" in (link.get("class") or "").split()]


def test_an_error_page_says_what_it_is_told(render: Render) -> None:
    source = '{% extends "errors/error.html" %}'
    tree = render(source, title="公示期已届满", message="可以改为投诉。", next_steps=[("去投诉", "/complaints")], code=409)

    assert words(next(tree.iter("h1"))) == "公示期已届满"
    assert "可以改为投诉。" in words(tree)
    assert tree.findtext("head/title", "").startswith("公示期已届满 - ")


@pytest.mark.parametrize("path", OUR_FILES, ids=lambda path: path.name)
def test_our_own_files_ask_nobody_else_for_anything(path: Path) -> None:
    text = path.read_text()

    assert "http://" not in text
    assert "https://" not in text
    assert "@import" not in text
    assert path.suffix != ".js" or len(text.splitlines()) <= 60


def test_what_a_citizen_loads_stays_light() -> None:
    styles = ("tokens.css", "site.css", "public.css")

    assert sum((ROOT / "static" / "css" / name).stat().st_size for name in styles) < 34_000
