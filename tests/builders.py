"""Builders of test data through the real verbs: only what matters to the test is said, the rest is plausible."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date, datetime
from functools import cache, partial
from typing import Any, TypeVar

from argon2 import PasswordHasher

from portal.clock import BEIJING
from portal.domain import (
    accounts,
    bureaus,
    filings,
    intake,
    notices,
    objections,
    online_intake,
    projects,
    receipts,
    records,
    verifications,
)
from portal.domain.actor import PUBLIC, SYSTEM, Actor
from portal.domain.attachments import StoredFile
from portal.domain.filings import Ground, Identity
from portal.domain.intake import Applicant, ChangeRequest, Papers
from portal.domain.projects import ProjectFacts
from portal.extensions import begin_write, db
from portal.models.account import Account
from portal.models.application import Application, ApplicationReceipt
from portal.models.bureau import Bureau
from portal.models.complaint import Complaint
from portal.models.notice import Notice
from portal.models.objection import Objection
from portal.models.project import Project
from portal.models.record import RecordEntry
from portal.models.words import (
    Channel,
    DataLevel,
    DataSource,
    Finding,
    Kind,
    Matter,
    Origin,
    Role,
    Section,
    Sector,
    VerificationMethod,
)

Result = TypeVar("Result")
PASSWORD = "tests-need-a-long-one"
COUNTY = "430181"  # 浏阳市, below 长沙市 430100
FULL_MATTERS = (Matter.CONTENT, Matter.PROJECT_APPROVAL, Matter.COMMENCEMENT_REPORT, Matter.COMPLETION_ACCEPTANCE)
_serial = itertools.count(1)


def at(text: str) -> datetime:
    """An instant given as Beijing time: at("2026-09-30 10:00")."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


MORNING = at("2026-09-30 10:00")


def done(act: Callable[[], Result]) -> Result:
    """Run a verb in a write transaction of its own and commit it, as a door would."""
    begin_write()
    result = act()
    db.session.commit()
    return result


def bureau(code: str = COUNTY) -> Bureau:
    """A bureau by its code; the bureaus are set up on first use."""
    found = db.session.scalar(db.select(Bureau).where(Bureau.code == code))
    if found is None:
        done(bureaus.seed)
        found = db.session.scalars(db.select(Bureau).where(Bureau.code == code)).one()
    return found


@cache
def _password_hash() -> str:
    """Slow by design, so worked out once."""
    return PasswordHasher().hash(PASSWORD)


def officer(*roles: Role, bureau_code: str = COUNTY, username: str | None = None) -> Account:
    """An account with these duties; its password is PASSWORD."""
    place = bureau(bureau_code)
    name = username or f"officer{next(_serial)}"
    account = Account(
        username=name,
        display_name=f"测试{name}",
        department="建筑管理科",
        bureau_id=place.id,
        roles=[role.value for role in roles],
        password_hash=_password_hash(),
    )
    done(lambda: db.session.add(account))
    return account


def acting(*roles: Role, bureau_code: str = COUNTY) -> Actor:
    """An officer with these duties, as the one who acts."""
    return accounts.actor_of(officer(*roles, bureau_code=bureau_code))


def project(
    name: str = "浏阳市长寿路改造工程",
    *,
    area_code: str = COUNTY,
    sector: Sector = Sector.MUNICIPAL,
    accepted_on: date | None = date(2022, 5, 1),
    **more: Any,
) -> Project:
    """A project of its own number in an area."""
    bureau()
    facts = ProjectFacts(
        number=f"{area_code}151102{next(_serial) % 10000:04d}",
        name=name,
        area_code=area_code,
        sector=sector,
        accepted_on=accepted_on,
        **more,
    )
    return done(lambda: projects.register(facts, now=MORNING))


def contract(amount: str = "861.2800", signed: str | None = "2015-01-16") -> dict[str, Any]:
    """Canonical content of a contract entry."""
    from portal.domain import sections

    content, problems = sections.parse(
        Section.CONTRACT,
        {
            "合同编号": "HT-2015-001",
            "合同类别": "施工总包",
            "合同金额": amount,
            "合同签订日期": signed or "",
            "发包单位": "浏阳市公用事业局",
            "承包单位": "湖南三穗建筑工程有限公司",
        },
    )
    assert not [p for p in problems if p.severity == "error"], problems
    return content


def entry(
    of: Project | None = None,
    *,
    section: Section = Section.CONTRACT,
    origin: Origin = Origin.OFFLINE,
    content: dict[str, Any] | None = None,
    number: str | None = None,
    level: DataLevel = DataLevel.D,
) -> RecordEntry:
    """A section entry that existed before the portal."""
    owner = of or project()
    return done(
        lambda: records.load_entry(
            owner,
            section,
            number or f"HZ-{next(_serial):03d}",
            content if content is not None else contract(),
            origin=origin,
            source=DataSource.SUPPLEMENTED,
            level=level,
            batch="tests",
            actor=SYSTEM,
            now=MORNING,
        )
    )


def application(
    *,
    kind: Kind = Kind.CORRECTION,
    existing: RecordEntry | None = None,
    after: dict[str, Any] | None = None,
    now: datetime = MORNING,
    clerk: Actor | None = None,
    **more: Any,
) -> Application:
    """A received application; by default the correction of an offline contract's amount."""
    target = existing or entry()
    code = target.project.bureau.code
    actor = clerk or acting(Role.CLERK, bureau_code=code)
    request = ChangeRequest(
        target.section, target.number, target.origin, after or {**target.content, "amount": "913.8285"}
    )
    return done(
        lambda: intake.receive(
            kind,
            target.project,
            [request],
            Applicant("湖南三穗建筑工程有限公司", "91430000183764483Y"),
            channel=Channel.CLERK,
            actor=actor,
            now=now,
            **more,
        )
    )


SCAN = StoredFile("申请表.pdf", "application/pdf", 4096, "a" * 64, "aa/" + "a" * 64)


def online_application(
    *entries: RecordEntry, now: datetime = MORNING, amount: str = "913.8285", email: str = "zhouming@example.org"
) -> tuple[ApplicationReceipt, str]:
    """Corrections of these entries' amounts (of one contract unless said otherwise), filed online in one go: the
    receipt and its code.
    """
    targets = entries or (entry(),)
    token = done(lambda: online_intake.begin({}, now=now))
    requests = [
        ChangeRequest(each.section, each.number, each.origin, {**each.content, "amount": amount}) for each in targets
    ]
    who = Applicant("湖南三穗建筑工程有限公司", "91430000183764483Y", {"name": "周明", "email": email})
    number = done(
        lambda: online_intake.file(
            token, Kind.CORRECTION, targets[0].project, requests, who, Papers([SCAN]), arrived_at=now, now=now
        )
    )
    found = db.session.scalars(db.select(ApplicationReceipt).where(ApplicationReceipt.number == number)).one()
    return found, receipts.code_for(token)


def verify(case: Application, verifier: Actor | None = None, *, now: datetime = MORNING) -> Application:
    """Verify a case as true, with all the matters its sector asks for."""
    actor = verifier or acting(Role.VERIFIER, bureau_code=case.bureau.code)
    matters = FULL_MATTERS[:1] if case.project.sector.is_housing_or_municipal else FULL_MATTERS

    def look_into(matter: Matter) -> None:
        verifications.record(
            case,
            method=VerificationMethod.ARCHIVE_CHECK,
            matter=matter,
            day=now.astimezone(BEIJING).date(),
            persons="档案室、建管科",
            finding=Finding.TRUE,
            note="合同原件与申请内容一致",
            actor=actor,
            now=now,
        )

    for matter in matters:
        done(partial(look_into, matter))
    done(lambda: verifications.confirm_true(case, actor=actor, now=now))
    return case


def notice(
    *, published_at: datetime = MORNING, case: Application | None = None, verifier: Actor | None = None, **more: Any
) -> Notice:
    """A notice published at `published_at`; `more` goes to the application."""
    verified = verify(case or application(now=published_at, **more), verifier, now=published_at)
    publisher = acting(Role.PUBLISHER, bureau_code=verified.bureau.code)
    return done(lambda: notices.publish(verified, actor=publisher, now=published_at))


def objection(
    about: Notice,
    *texts: str,
    arrived_at: datetime | None = None,
    identity: Identity = filings.ANONYMOUS,
) -> Objection:
    """An objection filed while the window is open (one hour after publication unless said otherwise)."""
    when = arrived_at or about.published_at
    token = done(lambda: filings.begin(about.id, now=when))
    grounds = [Ground(text) for text in texts or ("合同金额与实际不符",)]
    return filed(
        done(lambda: objections.file(about.id, token, grounds, identity, arrived_at=when, actor=PUBLIC, now=when))
    )


def filed(number: str) -> Any:
    """The objection or complaint with this number."""
    model = Objection if number.startswith("YY") else Complaint
    return db.session.scalars(db.select(model).where(model.number == number)).one()
