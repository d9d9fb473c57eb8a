"""Doubts that only show when a project's entries are laid side by side (rule S10): warnings for a person, never
refusals.

Each was seen in real registers: reviews after the permit, awards after the contract or on the day of entry, swapped
digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal.domain import cleaning, identifiers
from portal.domain.sections.schema import SCHEMAS, FieldType, field_of
from portal.models.words import Section

COST_TOLERANCE = Decimal("0.25")  # ours: above it, a person compares the final cost with the contract
_WORKS_CONTRACTS = ("301", "600", "500")
_FINAL = (Section.COMPLETION_ACCEPTANCE, Section.ACCEPTANCE_FILING)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry to be looked at.

    Its section, canonical content, node number and the day it was entered, where known.
    """

    section: Section
    content: Mapping[str, Any]
    number: str | None = None
    entered_on: date | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A warning about entries[index]; key and label name the field at which to look."""

    index: int
    key: str
    label: str
    value: str
    message: str
    rule: str = "S10"


def doubts(
    entries: Sequence[Entry], *, project_number: str | None = None, project_area: Decimal | None = None
) -> list[Doubt]:
    """Everything doubtful about one project's entries taken together.

    project_area: the project's area in ㎡ where no basics entry is among `entries`.
    """
    found = [
        *_dates_out_of_order(entries),
        *_entered_on_award_day(entries),
        *_cost_far_from_contract(entries),
        *_areas_with_swapped_digits(entries, project_area),
        *_numbers_of_other_projects(entries, project_number),
        *_one_building_twice(entries),
    ]
    return sorted(found, key=lambda doubt: doubt.index)


def _doubt(entries: Sequence[Entry], index: int, key: str, message: str) -> Doubt:
    entry = entries[index]
    field = field_of(entry.section, key)
    written = entry.content.get(key) if field else entry.number
    return Doubt(index, key, field.label if field else "环节编号", "" if written is None else str(written), message)


def _days(entries: Sequence[Entry], section: Section, key: str) -> list[tuple[int, date]]:
    days = ((index, cleaning.clean_date(entry.content.get(key)).value) for index, entry in enumerate(entries)
            if entry.section is section)  # fmt: skip
    return [(index, day) for index, day in days if day is not None]


def _dates_out_of_order(entries: Sequence[Entry]) -> Iterator[Doubt]:
    """With several entries of a section the earliest stands for it.

    Later ones may belong to other parts of the works.
    """
    awards = _days(entries, Section.BIDDING, "award_date")
    contracts = _days(entries, Section.CONTRACT, "signing_date")
    permits = _days(entries, Section.CONSTRUCTION_PERMIT, "issue_date")
    starts = [start for section in _FINAL for start in _days(entries, section, "start_date")]
    reviews = _days(entries, Section.DRAWING_REVIEW, "pass_date")
    orders = [
        (reviews, permits, "pass_date", "施工图审查完成日期晚于施工许可证发证日期"),
        (awards, contracts, "award_date", "中标公示日期晚于合同签订日期"),
    ]
    for earlier, later, key, message in orders:
        if earlier and later and min(earlier, key=_day)[1] > min(later, key=_day)[1]:
            index, day = min(earlier, key=_day)
            yield _doubt(
                entries, index, key, f"{message}（{day.isoformat()}晚于{min(later, key=_day)[1].isoformat()}）"
            )
    for index, start in starts:
        for before, name in ((awards, "中标公示日期"), (contracts, "合同签订日期")):
            if before and start < min(before, key=_day)[1]:
                day = min(before, key=_day)[1]
                yield _doubt(entries, index, "start_date", f"开工日期{start.isoformat()}早于{name}{day.isoformat()}")
        end_key = "acceptance_date" if entries[index].section is Section.COMPLETION_ACCEPTANCE else "end_date"
        end = cleaning.clean_date(entries[index].content.get(end_key)).value
        if end and end < start:
            yield _doubt(entries, index, end_key, f"竣工日期{end.isoformat()}早于开工日期{start.isoformat()}")


def _day(item: tuple[int, date]) -> date:
    return item[1]


def _entered_on_award_day(entries: Sequence[Entry]) -> Iterator[Doubt]:
    finished = [day for section, key in ((_FINAL[0], "acceptance_date"), (_FINAL[1], "end_date"))
                for _, day in _days(entries, section, key)]  # fmt: skip
    for index, award in _days(entries, Section.BIDDING, "award_date"):
        if award == entries[index].entered_on:
            yield _doubt(entries, index, "award_date", f"中标公示日期与录入日期是同一天（{award.isoformat()}），请核对")
        elif finished and award > max(finished):
            yield _doubt(entries, index, "award_date", f"中标公示日期{award.isoformat()}晚于竣工，疑为补录日期")


def _cost_far_from_contract(entries: Sequence[Entry]) -> Iterator[Doubt]:
    """Sums are compared: several contracts and several buildings are the rule.

    Acceptance and filing each on their own.
    """
    agreed = sum(
        (_number(entry, "amount") for entry in entries
         if entry.section is Section.CONTRACT and entry.content.get("contract_type") in _WORKS_CONTRACTS),
        Decimal(),
    )  # fmt: skip
    for section in _FINAL:
        costs = [(index, _number(entry, "cost")) for index, entry in enumerate(entries) if entry.section is section]
        spent = sum((cost for _, cost in costs), Decimal())
        if agreed and spent and abs(spent - agreed) > agreed * COST_TOLERANCE:
            percent = (spent - agreed) / agreed * 100
            yield _doubt(entries, next(i for i, cost in costs if cost), "cost",
                         f"实际造价{cleaning.plain(spent)}万元与合同金额{cleaning.plain(agreed)}万元"
                         f"相差{percent:+.0f}%")  # fmt: skip


def _areas_with_swapped_digits(entries: Sequence[Entry], project_area: Decimal | None) -> Iterator[Doubt]:
    known = [project_area] if project_area else []
    known += [
        _number(entry, "area")
        for entry in entries
        if entry.section in (Section.BASICS, Section.CONSTRUCTION_PERMIT) and _number(entry, "area")
    ]
    for index, entry in enumerate(entries):
        final = _number(entry, "area")
        if entry.section in _FINAL and final and final not in known:
            for area in known:
                if _swapped(f"{final:.2f}", f"{area:.2f}"):
                    pair = f"实际面积{cleaning.plain(final)}㎡与项目面积{cleaning.plain(area)}㎡"
                    message = f"{pair}只差两位数字的次序，疑为抄错"
                    yield _doubt(entries, index, "area", message)
                    break


def _swapped(one: str, other: str) -> bool:
    """True if exactly two neighbouring digits changed places."""
    if len(one) != len(other):
        return False
    at = [position for position, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    return len(at) == 2 and at[1] == at[0] + 1 and one[at[0]] == other[at[1]] and one[at[1]] == other[at[0]]


def _numbers_of_other_projects(entries: Sequence[Entry], project_number: str | None) -> Iterator[Doubt]:
    if not project_number:
        return
    for index, entry in enumerate(entries):
        numbers = {"": entry.number} | {
            field.key: entry.content.get(field.key)
            for field in SCHEMAS[entry.section]
            if field.type in (FieldType.NODE_NUMBER, FieldType.PERMIT_NUMBER)
        }
        for key, number in numbers.items():
            if elsewhere := identifiers.doubt_about_node(number, project_number):
                yield _doubt(entries, index, key, elsewhere.message)


def _one_building_twice(entries: Sequence[Entry]) -> Iterator[Doubt]:
    seen: dict[tuple[Section, str], int] = {}
    for index, entry in enumerate(entries):
        building = entry.content.get("building")
        if not building:
            continue
        first = seen.setdefault((entry.section, building), index)
        differing = [
            field
            for field in SCHEMAS[entry.section]
            if field.key in ("structure", "storeys_above", "storeys_below", "scale", "area")
            and entry.content.get(field.key) != entries[first].content.get(field.key)
        ]
        if first != index and differing:
            labels = "、".join(field.label for field in differing)
            yield _doubt(entries, index, "building", f"单体“{building}”出现两次，{labels}不同，疑为抄错")


def _number(entry: Entry, key: str) -> Decimal:
    """A canonical decimal of the content, zero if missing or no number."""
    try:
        number = Decimal(str(entry.content.get(key) or 0))
    except ArithmeticError:
        return Decimal()
    return number if number.is_finite() else Decimal()
