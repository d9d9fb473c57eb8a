"""Many notices at once, in bulk: what the clock finds on the morning after a holiday.

Every row is what the verbs would have written (content and its hashes, the claim, the entry the case is about, the
applicant's address in the vault), only faster. The trail begins with what is done to the notices afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Engine, func, insert, select, text

from portal.domain import accounts, bureaus, identity_vault, notice_content, sections, workdays
from portal.domain.actor import SYSTEM
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.records import entry_key
from portal.domain.workdays import Window
from portal.extensions import begin_write, db
from portal.models.account import Account
from portal.models.application import Application, ApplicationChange
from portal.models.bureau import Bureau
from portal.models.notice import Notice
from portal.models.project import Project
from portal.models.record import RecordEntry, RecordVersion
from portal.models.search import grams
from portal.models.vault_entry import VaultEntry
from portal.models.verification import Verification
from portal.models.words import (
    Channel,
    DataLevel,
    DataSource,
    Finding,
    Kind,
    Matter,
    NoticeStatus,
    Origin,
    Role,
    Route,
    Section,
    Sector,
    Status,
    Subject,
    Tier,
    Undertaking,
    VerificationMethod,
)

TABLES = (VaultEntry, Project, RecordEntry, RecordVersion, Application, ApplicationChange, Verification, Notice)
"""In the order in which their rows are written; a notice and all its rows carry the same number."""
AT_ONCE = 1000


def build(count: int, *, published_at: datetime, email: str = "contact@example.com") -> range:
    """Write `count` notices published at `published_at`, none objected to, and commit them; returns their ids.

    Each corrects the amount of the one contract of a project of its own, in turn of one county bureau after the other;
    each applicant has left `email`, an empty one none.
    """
    begin_write()
    bureaus.seed()
    db.session.flush()
    places = db.session.scalars(select(Bureau).where(Bureau.tier == Tier.COUNTY).order_by(Bureau.id)).all()
    verifier = _verifier(places[0], published_at)
    calendar = workdays.load_calendar(db.session)
    window = workdays.open_window(published_at.date(), calendar)
    first = 1 + max(db.session.scalar(select(func.max(table.id))) or 0 for table in TABLES)
    department, verifier_id, version = verifier.department, verifier.id, calendar.version
    db.session.commit()
    for place in places:
        db.session.refresh(place)
    db.session.expunge_all()

    for start in range(first, first + count, AT_ONCE):
        rows: dict[Any, list[dict[str, Any]]] = {table: [] for table in TABLES}
        for number in range(start, min(start + AT_ONCE, first + count)):
            case = _case(number, places[number % len(places)], department, published_at)
            for table, row in _rows(number, case, window, version, verifier_id, email, published_at).items():
                rows[table].append(row)
        begin_write()
        for table in TABLES:
            db.session.execute(insert(table), rows[table])
        db.session.commit()
    _count_on(db.engine)
    return range(first, first + count)


def _verifier(place: Bureau, now: datetime) -> Account:
    known = db.session.scalar(select(Account).where(Account.username == "bulk-verifier"))
    if known is None:
        known = accounts.create(
            "bulk-verifier", "核实人员", place, [Role.VERIFIER], "only-for-made-up-data", department="建筑管理科",
            actor=SYSTEM, now=now,
        )  # fmt: skip
        db.session.flush()
    return known


def _case(number: int, place: Bureau, department: str, now: datetime) -> Application:
    """The case as objects that never enter a session: what the notice's content is made from."""
    before = _contract(number, f"{800 + number % 900}.2811")
    project = Project(
        number=f"{place.code}1511{number:08d}",
        name=f"{place.area_name}第{number}号道路改造工程",
        area_code=place.code[:6],
        bureau_id=place.id,
        sector=Sector.MUNICIPAL,
        undertaking=Undertaking.GENERAL,
        owner_name=f"{place.area_name}公用事业局",
        owner_code="",
    )
    entry = RecordEntry(number=f"HT-{number:08d}", level=DataLevel.D)
    change = ApplicationChange(
        section=Section.CONTRACT,
        entry_number=entry.number,
        entry=entry,
        origin=Origin.OFFLINE,
        before=before,
        after={**before, "amount": f"{800 + number % 900}.9911"},
    )
    verification = Verification(
        method=VerificationMethod.ARCHIVE_CHECK,
        matter=Matter.CONTENT,
        day=now.date(),
        finding=Finding.TRUE,
        verifier=Account(department=department),
    )
    return Application(
        number=f"SQ{place.code}-{now.year}-{number:08d}",
        project=project,
        bureau=place,
        kind=Kind.CORRECTION,
        subject=Subject.PROJECT_RECORD,
        applicant_name="湖南三穗建筑工程有限公司",
        applicant_code="91430000183764483Y",
        changes=[change],
        verifications=[verification],
    )


def _contract(number: int, amount: str) -> dict[str, Any]:
    signed = date(2010, 1, 1) + timedelta(days=number % 4000)
    return {**_any_contract(), "number": f"HT-{number:08d}", "amount": amount, "signing_date": signed.isoformat()}


@cache
def _any_contract() -> dict[str, Any]:
    """One contract through the real reader; the others differ in number, amount and day."""
    content, problems = sections.parse(
        Section.CONTRACT,
        {
            "合同编号": "HT-1",
            "合同类别": "施工总包",
            "合同金额": "861.2811",
            "合同签订日期": "2015-01-16",
            "发包单位": "公用事业局",
            "承包单位": "湖南三穗建筑工程有限公司",
        },
    )
    if any(problem.severity == "error" for problem in problems):
        raise ValueError(problems)
    return content


def _rows(
    number: int, case: Application, window: Window, version: str, verifier_id: int, email: str, now: datetime
) -> dict[Any, dict[str, Any]]:
    project, change, place = case.project, case.changes[0], case.bureau
    reference = f"GS{place.code}-{now.year}-{number:08d}"
    content = notice_content.build(case, reference, window, now=now)
    data, before = canonical_bytes(content), canonical_bytes(change.before)
    person = {"name": "测试联系人", **({"email": email} if email else {})}
    shared = {"section": change.section, "origin": change.origin}
    return {
        VaultEntry: {
            "id": number,
            "pseudonym": f"bulk-{number}",
            "sealed": identity_vault.seal(canonical_bytes(person)),
            "created_at": now,
        },
        Project: {
            "id": number,
            "number": project.number,
            "name": project.name,
            "area_code": project.area_code,
            "bureau_id": place.id,
            "sector": project.sector,
            "undertaking": project.undertaking,
            "owner_name": project.owner_name,
            "created_at": now,
            "grams": grams(project.name, project.number),
        },
        RecordEntry: {
            "id": number,
            "project_id": number,
            "number": change.entry_number,
            "source": DataSource.SUPPLEMENTED,
            "level": DataLevel.D,
            "content": change.before,
            **shared,
        },
        RecordVersion: {
            "id": number,
            "entry_id": number,
            "version": 1,
            "content": before,
            "content_hash": digest(before),
            "level": DataLevel.D,
            "level_from": "存量数据",
            "decided_by": SYSTEM.name,
            "created_at": now,
        },
        Application: {
            "id": number,
            "number": case.number,
            "project_id": number,
            "bureau_id": place.id,
            "kind": case.kind,
            "subject": case.subject,
            "route": Route.NOTICE,
            "status": Status.ON_NOTICE,
            "channel": Channel.IMPORT,
            "applicant_name": case.applicant_name,
            "applicant_code": case.applicant_code,
            "contact_vault_id": number,
            "received_at": now,
        },
        ApplicationChange: {
            "id": number,
            "application_id": number,
            "position": 1,
            "entry_number": change.entry_number,
            "entry_id": number,
            "base_version": 1,
            "before": change.before,
            "after": change.after,
            "claim": entry_key(project, change.section, change.entry_number),
            **shared,
        },
        Verification: {
            "id": number,
            "application_id": number,
            "method": VerificationMethod.ARCHIVE_CHECK,
            "matter": Matter.CONTENT,
            "day": now.date(),
            "persons": "档案室、建管科",
            "finding": Finding.TRUE,
            "note": "合同原件与申请内容一致",
            "verifier_id": verifier_id,
            "created_at": now,
        },
        Notice: {
            "id": number,
            "reference": reference,
            "application_id": number,
            "bureau_id": place.id,
            "city_id": place.city_id,
            "kind": case.kind,
            "subject": case.subject,
            "title": content["title"],
            "company": case.applicant_name,
            "content": data,
            "content_hash": digest(data),
            "status": NoticeStatus.OPEN,
            "published_at": now,
            "published_by": "staff:bulk-publisher",
            "first_day": window.first_day,
            "last_day": window.last_day,
            "ends_at": window.ends_at,
            "provisional": window.provisional,
            "calendar_version": version,
            "grams": grams(*notice_content.searchable(content)),
        },
    }


def _count_on(engine: Engine) -> None:
    """Rows that brought their own numbers leave PostgreSQL's counters behind; SQLite takes the next free one anyway."""
    if engine.dialect.name == "sqlite":
        return
    begin_write()
    for table in TABLES:
        name = table.__tablename__
        db.session.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"))
    db.session.commit()


__all__: Sequence[str] = ("build",)
