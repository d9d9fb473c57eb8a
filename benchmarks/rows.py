"""Rows of whole cases, as the verbs would have written them, only faster: project, application, change, notice, trail.

Values are plain text, numbers and bytes that both databases read alike. Row n of every run is the same row; the newest
notices are open, the rest are closed in proportions of practice, a few bureaus having far more than the others.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

from benchmarks import made_up
from portal.clock import BEIJING
from portal.domain import notice_content, workdays
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.sections import Field, FieldType, schema
from portal.domain.windows import Window
from portal.models.search import grams
from portal.models.words import (
    DataLevel,
    Finding,
    Kind,
    Matter,
    NoticeStatus,
    Origin,
    Section,
    Sector,
    Tier,
    Undertaking,
    VerificationMethod,
)

SEED = 20250214
AT_ONCE = 2000
_COLUMNS = {
    "project": (
        "id number name area_code township bureau_id sector undertaking owner_name owner_code created_at grams version"
    ),
    "application": (
        "id number project_id bureau_id kind subject route status channel applicant_name applicant_code reason "
        "target_level received_at decided_at decision_text version"
    ),
    "application_change": "id application_id position section entry_number origin before after",
    "notice": (
        "id reference application_id bureau_id city_id kind subject title company content content_hash status "
        "published_at published_by first_day last_day ends_at provisional calendar_version closed_at "
        "retraction_reason grams version"
    ),
    "trail_entry": "id event at actor bureau_code case_number subject_kind subject_ref body salt commitment",
}
COLUMNS = {table: tuple(names.split()) for table, names in _COLUMNS.items()}
"""In the order in which their rows are written."""
TRAIL_ROWS = 4
"""Per case: received, verified, published, and closed or retracted."""

# of a hundred, or a thousand
_SECTIONS = (
    [Section.CONTRACT] * 40 + [Section.BIDDING] * 22 + [Section.COMPLETION_ACCEPTANCE] * 8 + [Section.BASICS] * 8
)
_SECTIONS += [Section.TECHNICAL_INDICATORS] * 7 + [Section.CONSTRUCTION_PERMIT] * 5
_SECTIONS += [Section.SAFETY_ASSESSMENT] * 6 + [Section.QUALITY_ASSESSMENT] * 4
_KINDS = [Kind.CORRECTION] * 70 + [Kind.SUPPLEMENT] * 26 + [Kind.LEVEL_UPGRADE] * 4
_ENDS = [NoticeStatus.CLOSED_CLEAR] * 970 + [NoticeStatus.CLOSED_CONTESTED] * 22 + [NoticeStatus.RETRACTED] * 8
_METHODS = list(VerificationMethod)
_AFTERWARDS = {
    NoticeStatus.OPEN: ("on_notice", ""),
    NoticeStatus.CLOSED_CLEAR: ("approved", "notice_closed_without_objection"),
    NoticeStatus.CLOSED_CONTESTED: ("contested", "notice_closed_with_objection"),
    NoticeStatus.RETRACTED: ("verified", "notice_retracted"),
}
_PERMILLE_OPEN = 5
_AS_TEXT = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Place:
    """A bureau that publishes: its ids, codes, names and tier."""

    id: int
    city_id: int
    code: str
    name: str
    area_name: str
    tier: str


class Maker:
    """Makes the rows of notices 1 to `count`, published on the working days of four years up to `today`."""

    def __init__(self, count: int, places: list[Place], today: date) -> None:
        self.count = count
        calendar = workdays.package_calendar()
        self.calendar_version = calendar.version
        span = (today - timedelta(days=day) for day in range(1, 4 * 365))
        self.days = [day for day in span if calendar.day(day).kind.is_working][::-1]
        self.windows: dict[date, Window] = {day: workdays.open_window(day, calendar) for day in self.days}
        self.places = sorted(places, key=lambda place: digest(place.code.encode()))
        self.place_weights = made_up.skewed(len(places))
        self.companies = made_up.companies(SEED, 4000, ["湖南", *{place.area_name for place in places}])
        self.company_weights = made_up.skewed(4000, steep=0.8)

    def rows(self, first: int) -> dict[str, list[tuple[Any, ...]]]:
        """The rows of the notices from `first` on, AT_ONCE of them or as many as are left."""
        random = Random(f"{SEED}-{first}")
        made: dict[str, list[tuple[Any, ...]]] = {table: [] for table in COLUMNS}
        for number in range(first, min(first + AT_ONCE, self.count + 1)):
            self._case(number, random, made)
        return made

    def _case(self, number: int, random: Random, made: dict[str, list[tuple[Any, ...]]]) -> None:
        day = self.days[(number - 1) * len(self.days) // self.count]
        window = self.windows[day]
        place = random.choices(self.places, cum_weights=self.place_weights)[0]
        company, company_code = random.choices(self.companies, cum_weights=self.company_weights)[0]
        kind, section = random.choice(_KINDS), random.choice(_SECTIONS)
        if kind is Kind.LEVEL_UPGRADE and section.subject.value == "assessment":
            kind = Kind.CORRECTION
        is_open = number > self.count * (1 - _PERMILLE_OPEN / 1000)
        status = NoticeStatus.OPEN if is_open else random.choice(_ENDS)
        published = datetime.combine(day, datetime.min.time(), BEIJING) + timedelta(seconds=30000 + number % 30000)
        received = published - timedelta(days=3, hours=2)
        case = _application(number, random, place, company, company_code, kind, section, day)
        reference = f"GS{place.code}-{day.year}-{number:07d}"
        content = notice_content.build(case, reference, window, now=published)  # type: ignore[arg-type]
        data = canonical_bytes(content)
        case_status, last_event = _AFTERWARDS[status]
        closed = None if is_open else window.ends_at + timedelta(minutes=11)
        project, change = case.project, case.changes[0]
        made["project"].append((
            number, project.number, project.name, project.area_code, "", place.id, project.sector.value,
            project.undertaking.value, project.owner_name, project.owner_code, _utc(received),
            grams(project.name, project.number, project.owner_name, project.owner_code), 1,
        ))  # fmt: skip
        made["application"].append((
            number, case.number, number, place.id, kind.value, section.subject.value, "notice", case_status, "import",
            company, company_code, "与存档原件不一致，申请按原件更正。", case.target_level and case.target_level.value,
            _utc(received), _utc(closed) if case_status == "approved" else None, "", 1,
        ))  # fmt: skip
        made["application_change"].append((
            number, number, 1, section.value, change.entry_number, "offline",
            None if change.before is None else _json(change.before), _json(change.after),
        ))  # fmt: skip
        made["notice"].append((
            number, reference, number, place.id, place.city_id, kind.value, section.subject.value, content["title"],
            company, data, digest(data), status.value, _utc(published), f"staff:gs{place.code}",
            window.first_day.isoformat(), window.last_day.isoformat(), _utc(window.ends_at), 0, self.calendar_version,
            _utc(closed), "公示内容有误，更正后重新公示。" if status is NoticeStatus.RETRACTED else "",
            grams(*notice_content.searchable(content)), 1,
        ))  # fmt: skip
        days = f'"first_day":"{window.first_day}","last_day":"{window.last_day}"'
        shown = f'{days},"notice":"{reference}","provisional":false'
        story = [
            ("application_received", received, f"staff:sj{place.code}", "clerk", "received", f'"kind":"{kind.value}"'),
            ("application_verified", published, f"staff:hs{place.code}", "verifier", "verified", ""),
            ("notice_published", published, f"staff:gs{place.code}", "publisher", "on_notice", shown),
        ]
        if closed is not None:
            story.append((last_event, closed, "system:scheduler", "system", case_status, f'"notice":"{reference}"'))
        for at, (event, when, actor, duty, became, detail) in enumerate(story):
            entry = number * TRAIL_ROWS + at
            made["trail_entry"].append(_trail(entry, event, when, actor, duty, place.code, case.number, became, detail))


def _application(
    number: int, random: Random, place: Place, company: str, company_code: str, kind: Kind, section: Section, day: date
) -> SimpleNamespace:
    """A case with all that the content of its notice is made from."""
    owner = f"{place.area_name}{random.choice(made_up.AGENCIES)}"
    area = place.code if place.code.isdigit() else "430104"
    project = SimpleNamespace(
        number=f"{area}{day:%y%m%d}{number % 10000:04d}",
        name=made_up.project_name(random, place.area_name),
        area_code=area,
        sector=Sector.MUNICIPAL if random.random() < 0.4 else Sector.HOUSING,
        undertaking=Undertaking.GENERAL,
        owner_name=owner,
        owner_code=f"11{area}MB0{number % 1000000:06d}X",
    )
    values = {field.key: _VALUES[field.type](field, random, day) for field in schema(section)}
    for key in values:
        if key.endswith("_name"):
            values[key] = owner if key in ("owner_name", "client_name") else company
        elif key in ("winner_code", "contractor_code"):
            values[key] = company_code
    if "name" in values:
        values["name"] = project.name
    entry_number = str(values.get("number") or f"{section.value[:2].upper()}-{day.year}-{number:07d}")
    before = None if kind is Kind.SUPPLEMENT else dict(values)
    if kind is Kind.CORRECTION:
        key = next(
            (key for key in ("amount", "cost", "investment") if key in values),
            "scale" if "scale" in values else "period",
        )
        values[key] = made_up.amount(random) if key not in ("scale", "period") else "2024年第四季度"
    change = SimpleNamespace(
        section=section,
        entry_number=entry_number,
        entry=None if before is None else SimpleNamespace(level=DataLevel.D),
        origin=Origin.OFFLINE,
        before=before,
        after=values,
    )
    looked = SimpleNamespace(
        method=random.choice(_METHODS),
        matter=Matter.CONTENT,
        day=day - timedelta(days=1),
        finding=Finding.TRUE,
        verifier=SimpleNamespace(department="建筑管理科"),
        evidence=[SimpleNamespace(sha256=digest(str(number).encode()))],
    )
    return SimpleNamespace(
        number=f"SQ{place.code}-{day.year}-{number:07d}",
        project=project,
        bureau=SimpleNamespace(code=place.code, name=place.name, address="", telephone=""),
        kind=kind,
        subject=section.subject,
        target_level=DataLevel.C if kind is Kind.LEVEL_UPGRADE else None,
        applicant_name=company,
        applicant_code=company_code,
        changes=[change],
        verifications=[looked],
    )


def _trail(
    number: int, event: str, when: datetime, actor: str, duty: str, bureau: str, case: str, became: str, detail: str
) -> tuple[Any, ...]:
    """An entry in the form of docs/trail-format.md, its keys in order; `detail` is a part of it."""
    at = _utc(when) or ""
    body = (
        f'{{"actor":"{actor}","after":{{"status":"{became}"}},"as":"{duty}","at":"{at.replace(" ", "T")}Z",'
        f'"before":null,"bureau":"{bureau}","case":"{case}","detail":{{{detail}}},"event":"{event}",'
        f'"subject":{{"kind":"application","ref":"{case}"}},"v":1}}'
    ).encode()
    salt = hashlib.blake2b(body, digest_size=16).digest()  # made up like everything here, but the same on every run
    commitment = hashlib.sha256(salt + body).digest()
    return (number, event, at, actor, bureau, case, "application", case, body, salt, commitment)


def _json(content: dict[str, Any]) -> str:
    return _AS_TEXT(content)


def _utc(instant: datetime | None) -> str | None:
    """As both databases store an instant; PostgreSQL's session must be in UTC."""
    return None if instant is None else instant.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _text(field: Field, random: Random, day: date) -> str:
    if field.key == "period":
        return f"{day.year - 1}年第{'一二三四'[random.randrange(4)]}季度"
    if field.key == "scale":
        return f"建筑面积约{random.randrange(800, 90000)}平方米，{random.randrange(1, 34)}层"
    return f"{random.randrange(1, 30)}#栋" if field.key == "building" else f"{random.choice(made_up.STREETS)}路"


_VALUES: dict[FieldType, Callable[[Field, Random, date], Any]] = {
    FieldType.TEXT: _text,
    FieldType.DATE: lambda _field, random, day: (day - timedelta(days=random.randrange(200, 5000))).isoformat(),
    FieldType.AMOUNT: lambda _field, random, _day: made_up.amount(random),
    FieldType.AREA: lambda _field, random, _day: f"{random.randrange(80000, 9000000) / 100:.2f}",
    FieldType.LENGTH: lambda _field, random, _day: f"{random.randrange(30, 4000) / 10:.1f}",
    FieldType.INTEGER: lambda _field, random, _day: random.randrange(1, 900),
    FieldType.YES_NO: lambda _field, random, _day: random.random() < 0.5,
    FieldType.CHOICE: lambda field, random, _day: random.choice(list(field.codes.codes)) if field.codes else None,
    FieldType.COMPANY: lambda _field, _random, _day: "",
    FieldType.COMPANY_CODE: lambda _field, _random, _day: None,
    FieldType.NUMBER: lambda field, random, day: f"{field.key[:2].upper()}{day.year - 1}-{random.randrange(10**6):06d}",
    FieldType.NODE_NUMBER: lambda _field, random, day: f"43{day:%Y%m}{random.randrange(10**6):06d}",
    FieldType.PERMIT_NUMBER: lambda _field, random, day: f"430102{day:%Y%m%d}{random.randrange(10**4):04d}",
}


def places_of(bureaus: list[Any]) -> list[Place]:
    """The bureaus that publish: every one below the province."""
    return [
        Place(bureau.id, bureau.city_id or bureau.id, bureau.code, bureau.name, bureau.area_name, bureau.tier.value)
        for bureau in bureaus
        if bureau.tier is not Tier.PROVINCE
    ]
