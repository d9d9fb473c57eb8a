"""How values are written on a page: dates, times, amounts, words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from flask import Flask
from jinja2 import Environment, Template, pass_environment
from markupsafe import Markup

from portal.clock import BEIJING
from portal.domain import sections
from portal.models import words
from portal.models.words import Section

WEEKDAYS = "一二三四五六日"


def init_app(app: Flask) -> None:
    """Make them known to the templates."""
    app.jinja_env.filters.update(
        day=day,
        day_weekday=day_weekday,
        minutes=minutes,
        moment=moment,
        stamp=stamp,
        shown=shown,
        short=short,
        label=label,
    )
    app.jinja_env.globals.update(once=once, sentence=sentence)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


@lru_cache(maxsize=1000)
def once(macro: Callable[..., Markup], *arguments: Any, **named: Any) -> Markup:
    """{{ once(window_strip, window, today, left) }}: what a macro says of these arguments, kept while it is asked for.

    For costly macros that depend on nothing but their arguments, hashable ones: notices of one day have one strip.
    """
    return macro(*arguments, **named)


@pass_environment
def sentence(environment: Environment, event: str, facts: dict[str, Any], staff: bool) -> Markup:
    """What happened, from trail/<event>.html, which sees facts, d (facts.detail) and staff (rule T7).

    An include would hand each of the half dozen everything the whole page knows.
    """
    template = _sentence(environment, event)
    context = template.new_context({"facts": facts, "d": facts["detail"], "staff": staff})
    return Markup("".join(template.root_render_func(context)))


@lru_cache(maxsize=200)
def _sentence(environment: Environment, event: str) -> Template:
    return environment.select_template([f"trail/{event}.html", "trail/_other.html"])


def day(value: date | str) -> str:
    """2026年10月13日."""
    value = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{value.year}年{value.month}月{value.day}日"


def day_weekday(value: date | str) -> str:
    """2026年10月13日（星期二）: on every deadline."""
    value = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{day(value)}（星期{WEEKDAYS[value.weekday()]}）"


def moment(value: datetime) -> str:
    """2026年10月13日 09:30, Beijing time."""
    local = value.astimezone(BEIJING)
    return f"{local.year}年{local.month}月{local.day}日 {local.hour:02}:{local.minute:02}"


def minutes(value: int) -> str:
    """3小时; 90分钟 where it is no whole number of hours."""
    hours, rest = divmod(value, 60)
    return f"{value}分钟" if rest or not hours else f"{hours}小时"


def stamp(value: datetime) -> str:
    """2026-10-13 09:30, Beijing time: for machines that read government sites."""
    return f"{value.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def shown(value: object, section: Section | str, key: str) -> str:
    """A section field as its data standard writes it: unit, code label, date."""
    return sections.display(Section(section), key, value)


@lru_cache(maxsize=1000)
def label(value: str | None, vocabulary: str) -> str:
    """The Chinese words for a stored value of one of `models.words`: {{ "site_visit" | label("VerificationMethod") }}.

    A value the vocabulary does not know (any more) is shown as it is.
    """
    try:
        word: words.Word = getattr(words, vocabulary)(value)
    except ValueError:
        return value or ""
    return word.label


def short(digest: str) -> str:
    """The beginning of a hash, enough to compare by eye."""
    return digest[:16]
