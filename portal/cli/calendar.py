"""Working days from the command line: explain a window to a person or to a program, and seed the calendar table."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from typing import IO, Any

import click
from flask.cli import with_appcontext
from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal import clock
from portal.config import ROOT, database_url
from portal.domain.actor import SYSTEM
from portal.domain.calendar_orders import load_package_years
from portal.domain.day_calendar import WEEKDAYS, in_chinese
from portal.domain.errors import RuleViolation
from portal.domain.workdays import Calendar, Window, load_calendar, open_window, package_calendar
from portal.extensions import begin_write, db

_CONNECT_SECONDS = 3
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Refusal(click.ClickException):
    """What was asked cannot be answered; one Chinese sentence on standard error, exit code 2."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"错误：{self.format_message()}", err=True, file=file)


# unknown options arrive as dates, so that they too are refused in Chinese
@click.command(context_settings={"ignore_unknown_options": True}, short_help="推算公示期 (rules N3, N4, N5)")
@click.option("--json", "as_json", is_flag=True, help="每个发布日输出一行JSON")
@click.argument("days", nargs=-1, metavar="发布日 [最后发布日]")
def window(as_json: bool, days: tuple[str, ...]) -> None:
    """推算某日发布的公示在哪一天截止，逐日说明理由。

    日期写成2026-09-30的样子；给出两个日期时逐日推算这一段。设置了DATABASE_URL时用数据库里的工作日历，否则用随软件安装的日历。
    """
    if not 1 <= len(days) <= 2:
        raise Refusal("请给出一个发布日，或者起止两个发布日，例如：portal window 2026-09-30")
    first, last = _read_date(days[0]), _read_date(days[-1])
    if last < first:
        raise Refusal(f"最后发布日{last}早于第一个发布日{first}")
    calendar = _calendar()
    try:
        windows = [open_window(first + timedelta(days=n), calendar) for n in range((last - first).days + 1)]
    except RuleViolation as refused:
        raise Refusal(refused.message) from None
    if as_json:  # bytes, because JSON is UTF-8 whatever the terminal speaks
        click.echo("".join(map(_json_line, windows)).encode(), nl=False)
    else:
        click.echo("\n\n".join("\n".join(_explain(window)) for window in windows))


@click.group("calendar", short_help="工作日历")
def calendar_group() -> None:
    """工作日历。"""


@calendar_group.command(short_help="把软件自带的日历写入数据库")
@with_appcontext
def seed() -> None:
    """把随软件安装的工作日历写入数据库；已有的日期不动，可以重复执行，软件带来新年度时再执行一次。"""
    begin_write()
    years = load_package_years(actor=SYSTEM, now=clock.now())
    db.session.commit()
    click.echo(f"已写入{'、'.join(map(str, years))}年" if years else "没有新的年度可写")


def _read_date(text: str) -> date:
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(f"“{text}”不是日期，请写成2026-09-30的样子") from None


def _calendar() -> Calendar:
    """The database's calendar if one is configured and answers, else the package's; says so when it does not."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        return package_calendar()
    try:
        engine = _engine(make_url(database_url(url)))
        try:
            with Session(engine) as session:
                return load_calendar(session)
        finally:
            engine.dispose()
    except (SQLAlchemyError, ImportError, OSError):
        click.echo("提示：数据库里的工作日历读不到，以下按随软件安装的日历推算", err=True)
        return package_calendar()


def _engine(url: URL) -> Engine:
    """A plain engine for one question, without starting the application."""
    if url.get_backend_name() == "sqlite":
        file = ROOT / "instance" / (url.database or "")  # where the application looks for a relative path
        if not file.is_file():
            raise FileNotFoundError(file)  # connecting would make an empty one
        return create_engine(url.set(database=str(file)))
    return create_engine(url, connect_args={"connect_timeout": _CONNECT_SECONDS})


def _json_line(window: Window) -> str:
    """One line of JSON. The days begin with the day after publication: what is counted or skipped, up to the last."""
    said = {
        "published": window.published.isoformat(),
        "first_day": window.first_day.isoformat(),
        "last_day": window.last_day.isoformat(),
        "ends_at": window.ends_at.isoformat(),
        "provisional": window.provisional,
        "days": [
            {
                "date": entry.day.isoformat(),
                "counted": entry.counted,
                "kind": entry.kind,
                "reason": entry.reason,
                "source": entry.source,
            }
            for entry in window.days[1:]
        ],
    }
    return json.dumps(said, ensure_ascii=False) + "\n"


def _explain(window: Window) -> Iterator[str]:
    """The window in words, then day by day."""
    yield f"发布日　　{in_chinese(window.published)}，当日不计入"
    yield f"第1日　　 {in_chinese(window.first_day)}"
    yield f"截止　　　{in_chinese(window.last_day)}24:00（北京时间）"
    if window.provisional:
        yield "注意　　　截止日是暂定的：有的日期放假安排尚未公布，只按周末推算；公布后可能延后，不会提前"
    yield ""
    reasons = [entry.reason for entry in window.days]
    width = max(map(_columns, reasons)) + 2
    for entry, reason in zip(window.days, reasons, strict=True):
        number = str(entry.counted or "-")
        padding = " " * (width - _columns(reason))
        yield f"{entry.day} {WEEKDAYS[entry.day.weekday()]}  {number}  {reason}{padding}{entry.source}"


def _columns(text: str) -> int:
    """How many columns a terminal gives `text`: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
