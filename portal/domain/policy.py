"""Dated settings. Each has a default here; a row in the policy table replaces it from its day on (rules S5 and all
"ours").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, select

from portal.domain import permissions, texts, trail
from portal.domain.actor import Actor
from portal.domain.errors import NotAllowed, RuleViolation
from portal.domain.permissions import Permission
from portal.domain.trail import Event
from portal.extensions import db, reading
from portal.models.policy import Policy
from portal.models.words import ComplaintMatter, Role


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that decides, where it comes from, and what it is for."""

    default: Any
    clause: str
    rule: str
    least: int = 0
    """The smallest number it may be."""


SETTINGS: dict[str, Setting] = {
    "supplement.accepted_before": Setting("2023-12-29", "通知二(二)2：2023年12月29日前已竣工验收", "S5"),
    "supplement.section_before": Setting("2024-09-01", "通知二(二)2：环节日期在2024年9月1日之前", "S5"),
    "supplement.last_day": Setting("2025-06-30", "通知二(二)2：应在2025年6月30日前完成补录工作", "S5"),
    "notice.working_days": Setting(5, "通知二：公示5个工作日", "N3", least=1),
    "notice.grace_minutes": Setting(10, "本平台设定：届满后留出时钟误差", "N8"),
    "watch.every_minutes": Setting(180, "本平台设定：公示期内每隔多少分钟监测一次公示", "N7", least=5),
    "watch.again_minutes": Setting(10, "本平台设定：没有看到公示的，隔多少分钟再次监测", "N7", least=1),
    "watch.tolerated_minutes": Setting(60, "本平台设定：公示连续看不到超过多少分钟为中断", "N7"),
    "filing.ticket_minutes": Setting(120, "本平台设定：填写期间保留草稿的时间", "O1"),
    "filing.minutes_past_end": Setting(30, "本平台设定：届满前已开始的提交最多顺延", "O1"),
    "deficiency.working_days": Setting(5, "行政许可法第三十二条：5日内一次告知需要补正的全部内容", "V1", least=1),
    "application.handling_working_days": Setting(
        20, "参照行政许可法第四十二条：受理之日起20个工作日内办结，公示和补正时间不计入", "V7", least=1
    ),
    "objection.answer_working_days": Setting(15, "本平台设定：异议在15个工作日内答复", "O8"),
    "objection.warning_working_days": Setting(3, "本平台设定：答复期限届满前3个工作日起提醒办理单位", "O8"),
    "recheck.ask_working_days": Setting(5, "本平台设定：答复后5个工作日内可以申请复核", "O7", least=1),
    "recheck.decide_working_days": Setting(15, "本平台设定：复核在15个工作日内作出", "O7", least=1),
    "complaint.accept_days": Setting(15, "信访工作条例：15日内告知是否受理", "C3"),
    "complaint.answer_days": Setting(60, "信访工作条例第三十四条：受理之日起60日内办结", "C3", least=1),
    "complaint.extension_days": Setting(30, "信访工作条例第三十四条：经负责人批准延长，不超过30日", "C3", least=1),
    "complaint.ask_days": Setting(30, "信访工作条例第三十五、三十六条：收到答复30日内请求复查、复核", "C3", least=1),
    "complaint.review_days": Setting(30, "信访工作条例第三十五、三十六条：复查、复核各30日", "C3", least=1),
    "scoreboard.days": Setting(365, "本平台设定：各部门办理情况统计最近多少天", "E3", least=1),
    "alerts.confirm_hours": Setting(48, "本平台设定：订阅提醒的确认链接有效期", "", least=1),
    "alerts.letters_per_day": Setting(3, "本平台设定：同一地址一天最多发的确认信", "", least=1),
    "alerts.asked_per_visitor": Setting(10, "本平台设定：同一网络地址每小时最多申请的订阅", "", least=1),
    "alerts.most_per_address": Setting(20, "本平台设定：同一地址最多的订阅", "", least=1),
    "alerts.digest_hour": Setting(8, "本平台设定：每天汇总在几点发出（北京时间）", ""),
    "alerts.refused_days": Setting(3, "本平台设定：邮箱拒收几个不同日子的提醒，即停止订阅", "", least=1),
    "mail.alerts_kept_days": Setting(30, "本平台设定：已发出的订阅提醒在发件记录中保留的天数", "N10", least=1),
    "mail.failed_kept_days": Setting(180, "本平台设定：发不出去的订阅提醒保留的天数，以便查找原因", "N10", least=1),
    "mail.proof_kept_days": Setting(1095, "本平台设定：告知申请人的邮件保留的天数，以便查证", "N10", least=1),
    "limits.filings_per_address": Setting(6, "本平台设定：同一网络地址每小时提交超过此数，先计算或等待", "O4", least=1),
    "limits.filings_per_matter": Setting(60, "本平台设定：同一事项每小时收到超过此数，先计算或等待", "O4", least=1),
    "limits.begun_per_address": Setting(60, "本平台设定：同一网络地址每小时开始填写超过此数，先计算", "O4", least=1),
    "limits.wrong_pairs": Setting(10, "本平台设定：同一网络地址每小时试错查询码超过此数，先计算或等待", "O4", least=1),
    "limits.wrong_pairs_per_number": Setting(20, "本平台设定：同一编号每小时试错超过此数，先计算或等待", "O4", least=1),
    "limits.messages_per_filing": Setting(20, "本平台设定：同一件每小时最多留言的条数", "O4", least=1),
    "drawing_review.address": Setting(
        "湖南省施工图审查系统", "通知一：施工图审查信息修正依托湖南省施工图审查系统办理", "S4"
    ),
}
# 0: as for complaints in general
SETTINGS |= {
    f"complaint.{limit}.{matter.value}": Setting(0, f"本平台设定：{matter.label}的期限，0为按一般期限", "C3")
    for limit in ("accept_days", "answer_days", "extension_days", "ask_days", "review_days")
    for matter in ComplaintMatter
}

_IN_FORCE = (
    select(Policy.value)
    .where(Policy.key == bindparam("key"), Policy.valid_from <= bindparam("on"))
    .order_by(Policy.valid_from.desc())
    .limit(1)
)
_ALL = select(Policy.key, Policy.valid_from, Policy.value).order_by(Policy.valid_from.desc())
_loaded: WeakKeyDictionary[Engine, tuple[tuple[Any, ...], dict[str, list[tuple[date, Any]]]]] = WeakKeyDictionary()


def value(key: str, on: date) -> Any:
    """The setting's value in force on `on`. Raises KeyError for a setting that does not exist."""
    setting = SETTINGS[key]
    if db.session.registry.has():
        db.session.flush()
    row = reading().scalar(_IN_FORCE, {"key": key, "on": on})
    return setting.default if row is None else row


def in_force(stamp: tuple[Any, ...]) -> Callable[[str, date], Any]:
    """`value` for who has asked for `policy_stamp` along with something else: asks only when a setting has changed."""
    engine = db.engine
    known = _loaded.get(engine)
    if known is None or known[0] != stamp:
        changes: dict[str, list[tuple[date, Any]]] = {}
        for row in reading().execute(_ALL):
            changes.setdefault(row.key, []).append((row.valid_from, row.value))
        known = _loaded[engine] = (stamp, changes)
    changes = known[1]

    def on_day(key: str, on: date) -> Any:
        default = SETTINGS[key].default
        return next((value_ for since, value_ in changes.get(key, ()) if since <= on), default)

    return on_day


def values(on: date, *keys: str) -> list[Any]:
    """Several settings in force on `on`, with one question. Raises KeyError for a setting that does not exist."""
    defaults = {key: SETTINGS[key].default for key in keys}
    rows = db.session.execute(
        select(Policy.key, Policy.value)
        .where(Policy.key.in_(keys), Policy.valid_from <= on)
        .order_by(Policy.valid_from)
    )
    in_force = {**defaults, **{row.key: row.value for row in rows}}
    return [in_force[key] for key in keys]


def throughout(key: str) -> Callable[[date], Any]:
    """The setting's value on any day, asked of the database once: for whoever counts many days."""
    rows = db.session.execute(
        select(Policy.valid_from, Policy.value).where(Policy.key == key).order_by(Policy.valid_from)
    )
    changes = [(row.valid_from, row.value) for row in rows]

    def on(day_: date) -> Any:
        return next((value_ for since, value_ in reversed(changes) if since <= day_), SETTINGS[key].default)

    return on


def day(key: str, on: date) -> date:
    """A setting that is a date."""
    return date.fromisoformat(value(key, on))


def clause(key: str, on: date) -> str:
    """The clause the value in force rests on."""
    row = db.session.scalar(
        select(Policy.clause)
        .where(Policy.key == key, Policy.valid_from <= on)
        .order_by(Policy.valid_from.desc())
        .limit(1)
    )
    return row or SETTINGS[key].clause


def enact(
    key: str, new: Any, valid_from: date, clause_: str, *, entered_by: Actor, confirmed_by: Actor, now: datetime
) -> Policy:
    """Give a setting another value from a day on; the province's two deciders together (rule S5: another extension
    is a data change).

    Raises RuleViolation for an unknown setting, a value of another kind or a missing clause, NotAllowed for one
    person or another tier.
    """
    if key not in SETTINGS:
        raise RuleViolation(f"没有名为“{key}”的设置", field="key")
    for person in (entered_by, confirmed_by):
        permissions.require(person, Permission.OPEN_EXCEPTION)
    if entered_by.name == confirmed_by.name:
        raise NotAllowed("设置须由另一人确认", rule="S5")
    if type(new) is not type(SETTINGS[key].default):
        raise RuleViolation(f"“{key}”的值应与默认值“{SETTINGS[key].default}”同类", field="value")
    if isinstance(new, int) and new < SETTINGS[key].least:
        raise RuleViolation(f"数值不能小于{SETTINGS[key].least}", field="value")
    if _is_day(SETTINGS[key].default) and not _is_day(new):
        raise RuleViolation("日期请写成2026-12-31的样子", field="value")
    said = texts.require(clause_, texts.CLAUSE, "请写明依据", rule="S5", field="clause")
    was = value(key, valid_from)
    row = Policy(
        key=key,
        valid_from=valid_from,
        value=new,
        clause=said,
        entered_by=entered_by.name,
        confirmed_by=confirmed_by.name,
        entered_at=now,
    )
    db.session.add(row)
    trail.record(
        Event.POLICY_CHANGED,
        actor=entered_by,
        now=now,
        subject=("policy", key),
        acting_as=Role.DECIDER.value,
        before={"value": was},
        after={"value": new},
        detail={
            "key": key,
            "valid_from": valid_from.isoformat(),
            "clause": said,
            "confirmed_by": confirmed_by.name,
        },
    )
    return row


def _is_day(value_: Any) -> bool:
    try:
        return bool(date.fromisoformat(value_))
    except (TypeError, ValueError):
        return False
