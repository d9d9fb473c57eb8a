"""变更前后对照: one section entry of a notice as the comparison component shows it (rule N1)."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from os.path import commonprefix
from typing import Any

from markupsafe import Markup, escape

from portal.domain import sections
from portal.domain.sections import FieldType
from portal.models.words import DataLevel, Origin, Section

STYLES = {
    FieldType.AMOUNT: "num",
    FieldType.AREA: "num",
    FieldType.LENGTH: "num",
    FieldType.INTEGER: "num",
    FieldType.NUMBER: "code",
    FieldType.NODE_NUMBER: "code",
    FieldType.PERMIT_NUMBER: "code",
    FieldType.COMPANY_CODE: "code",
}
NOTHING = "—"
LONGEST_MARKED = 200
"""Longer texts are shown without marks: comparing them letter by letter costs more than it shows."""
ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Line:
    """One field; None where there is nothing."""

    label: str
    before: str | None
    after: str | Markup | None
    style: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One section entry: what changes, and what stays as it is."""

    title: str
    note: str
    added: bool
    changed: list[Line]
    unchanged: list[Line]


def compare(change: dict[str, Any], level: DataLevel) -> Compared:
    """A change of a notice's frozen content beside what it leaves alone.

    level: what the entry has once the change is approved (rule L1).
    """
    section = Section(change["section"])
    added = change["before"] is None
    fields = sections.diff(section, change["before"], change["after"])
    changed = [_line(section, field, marked=not added) for field in fields if field.changed]
    unchanged = [_line(section, field) for field in fields if not field.changed]
    now = DataLevel(change["level"]).label if change["level"] else ""
    becomes = (
        f"数据等级仍为{now}"
        if now == level.label
        else f"办结后数据等级为{level.label}" + (f"（现为{now}）" if now else "")
    )
    note = f"{Origin(change['origin']).label}；{becomes}"
    if not changed:  # an upgrade: the content stays, its level is what changes
        changed, note = [Line("数据等级", now or None, level.label, "")], Origin(change["origin"]).label
    return Compared(f"{section.label} · {change['entry']}", note, added, changed, unchanged)


def _line(section: Section, field: sections.FieldChange, *, marked: bool = False) -> Line:
    known = sections.field_of(section, field.key)
    style = STYLES.get(known.type, "") if known else ""
    before, after = _said(field.before), _said(field.after)
    return Line(field.label, before, mark(before, after) if marked and before and after else after, style)


def _said(text: str) -> str | None:
    return None if text == NOTHING else text


def mark(before: str, after: str) -> str | Markup:
    """`after` with the characters marked that `before` has not, where the two are much alike.

    One digit in eighteen is easily missed.
    """
    if max(len(before), len(after)) > LONGEST_MARKED:
        return after
    # most changes are one run of characters: what stands alike around it need not be searched
    head = len(commonprefix((before, after)))  # noqa: RUF071 letter by letter is what is meant
    tail = len(commonprefix((before[head:][::-1], after[head:][::-1])))  # noqa: RUF071
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    same = head + tail + sum(block.size for block in matcher.get_matching_blocks())
    if 2 * same < ALIKE * (len(before) + len(after)):
        return after
    pieces = [
        escape(new[j1:j2]) if kind == "equal" else f"<mark>{escape(new[j1:j2])}</mark>"
        for kind, _, _, j1, j2 in matcher.get_opcodes()
        if j1 < j2
    ]
    return Markup("".join((escape(after[:head]), *pieces, escape(after[len(after) - tail :]))))
