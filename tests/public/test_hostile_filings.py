"""Mark-up handed in by citizens, and by officers: wherever it is shown, at either door, it is text and nothing else.

Everything that can be typed holds the same mark-up; then every page that can be reached from the start pages is
fetched and read by a parser, as a browser would.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from urllib.parse import quote, urljoin, urlsplit
from xml.etree import ElementTree

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal import clock
from portal.domain import (
    circulars,
    complaint_handling,
    deficiencies,
    dialogue,
    filings,
    intake,
    notices,
    objections,
    online_intake,
    receipts,
    resubmissions,
)
from portal.domain.actor import PUBLIC, SYSTEM
from portal.domain.attachments import StoredFile
from portal.domain.filings import Ground, Identity
from portal.domain.intake import Applicant, ChangeRequest, Papers
from portal.domain.resubmissions import Answer
from portal.extensions import db
from portal.models.application import ApplicationReceipt
from portal.models.complaint import Complaint
from portal.models.objection import Objection
from portal.models.words import (
    AlertTopic,
    Channel,
    ComplaintFinding,
    ComplaintMatter,
    ComplaintTarget,
    Disposition,
    IdentityMode,
    Kind,
    Role,
)
from tests import builders
from tests.backoffice.conftest import sign_in
from tests.builders import COUNTY, acting, at, done
from tests.complaints import complain
from tests.public.conftest import SetClock
from tests.subscribers import subscriber

MARK = "x-hostile"
TEXT = (
    f"恶意\"'><{MARK} onclick=alert(1)>文字</{MARK}><script>{MARK}</script><img src=x onerror={MARK}>"
    "{{ 7*7 }}&lt;b>"
)
NAME = f"""名"><{MARK}>"""
LINK = f"javascript:{MARK}()"
WHO = Identity(IdentityMode.REAL_NAME, {"name": NAME, "phone": "13800000000", "contact": NAME})
MOST_PAGES = 250
FILE = StoredFile(f"{NAME}.pdf", "application/pdf", 4, "a" * 64, "none")


class Site:
    """What was filed: number and code of each filing, and where its notice and its case are."""

    def __init__(self) -> None:
        self.pairs: list[tuple[str, str]] = []
        self.addresses: list[str] = ["/", "/notices", "/records", "/circulars", "/alerts"]


@pytest.fixture
def site(sqlite_app: Flask, time_is: SetClock) -> Site:
    """A portal in which everybody has typed the worst."""
    time_is("2026-10-09 10:00")
    now, there = at("2026-10-09 09:00"), Site()
    project = builders.project(TEXT, owner_name=NAME)
    entry = builders.entry(project, content={**builders.contract(), "contractor_name": TEXT})
    request = ChangeRequest(entry.section, entry.number, entry.origin, {**entry.content, "amount": "913.8285"})
    applicant = Applicant(NAME, "91430000183764483Y", {"name": NAME, "phone": NAME, "email": NAME})
    clerk = acting(Role.CLERK)
    case = done(
        lambda: intake.receive(
            Kind.CORRECTION, project, [request], applicant,
            channel=Channel.CLERK, actor=clerk, now=builders.MORNING, reason=TEXT,
        )
    )  # fmt: skip
    notice = builders.notice(case=case)
    there.addresses += [
        f"/notices/{notice.reference}",
        f"/projects/{project.number}",
        f"/office/applications/{case.number}",
    ]

    token = done(lambda: filings.begin(notice.id, now=now))
    said = [Ground(TEXT, (FILE,)), Ground(LINK)]
    number = done(lambda: objections.file(notice.id, token, said, WHO, arrived_at=now, actor=PUBLIC, now=now))
    there.pairs.append((number, receipts.code_for(token)))
    objection: Objection = builders.filed(number)
    done(lambda: dialogue.say(objection, TEXT, (FILE,), now=now))
    decider = acting(Role.DECIDER)
    done(lambda: dialogue.answer(objection, TEXT, actor=decider, now=now))

    filed = complain(
        ComplaintMatter.OTHER, ComplaintTarget.OTHER, now=now, identity=WHO, described=TEXT[:200], company=NAME
    )
    done(lambda: dialogue.say(filed, TEXT, now=now))
    there.addresses.append(f"/office/complaints/{filed.number}")
    own_desk = acting(Role.COMPLAINT_HANDLER)
    done(lambda: complaint_handling.register(filed, actor=own_desk, now=now))
    done(lambda: complaint_handling.accept(filed, actor=own_desk, now=now))
    done(lambda: complaint_handling.conclude(filed, ComplaintFinding.UNSUBSTANTIATED, TEXT, actor=own_desk, now=now))
    chief = acting(Role.DECIDER, bureau_code="430000")
    done(lambda: circulars.publish(TEXT[:120], TEXT, [NAME], actor=chief, now=now))
    there.pairs.append(deficient(now))
    retracted = builders.notice()
    publisher = acting(Role.PUBLISHER)
    done(lambda: notices.retract(retracted, TEXT, actor=publisher, now=now))
    there.addresses.append(f"/notices/{retracted.reference}")

    done(lambda: notices.close_window(notice.id, SYSTEM, now=at("2026-10-14 10:00")))
    for ground in objection.grounds:
        done(
            lambda ground=ground: objections.rule_on_ground(  # type: ignore[misc]
                ground, Disposition.DISMISSED, TEXT, actor=decider, now=at("2026-10-14 11:00")
            )
        )
    token = subscriber(AlertTopic.PROJECT, project.number, now=clock.now())
    there.addresses += [f"/alerts/{token}", f"/alerts/{token}/unsubscription"]
    time_is("2026-10-14 12:00")
    return there


def deficient(now: datetime) -> tuple[str, str]:
    """An online application told what it lacks, and its answer; number and code."""
    entry = builders.entry(builders.project(TEXT, owner_name=NAME))
    request = ChangeRequest(entry.section, entry.number, entry.origin, {**entry.content, "amount": "913.8285"})
    token = done(lambda: online_intake.begin({}, now=now))
    who = Applicant(TEXT[:60], "91430000183764483Y", {"name": NAME, "phone": NAME, "email": NAME})
    papers = Papers(scan=(FILE,), evidence=(FILE,))
    number = done(
        lambda: online_intake.file(
            token, Kind.CORRECTION, entry.project, [request], who, papers, arrived_at=now, now=now, reason=TEXT
        )
    )
    case = db.session.scalars(select(ApplicationReceipt).where(ApplicationReceipt.number == number)).one().cases[0]
    clerk = acting(Role.CLERK)
    told = done(lambda: deficiencies.draw_up(case, {"1/field/amount": TEXT}, actor=clerk, now=now))
    done(lambda: resubmissions.keep(told, {told.items[0].id: Answer(TEXT)}, now=now))
    done(lambda: dialogue.say(case, TEXT, (FILE,), now=now))
    return number, receipts.code_for(token)


def faults(html: str) -> Iterator[str]:
    """Where text has become mark-up."""
    for element in html5lib.parse(html, namespaceHTMLElements=False).iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == MARK or (element.tag == "script" and MARK in "".join(element.itertext())):
            yield f"<{element.tag}>"
        for name, value in element.attrib.items():
            if name.lower().startswith("on") or (MARK in name):
                yield f"<{element.tag} {name}>"
            if name in ("href", "src", "action") and value.strip().lower().startswith("javascript:"):
                yield f"{name}={value}"


def links(html: str, base: str) -> Iterator[str]:
    """Pages of this site a page links to."""
    for element in html5lib.parse(html, namespaceHTMLElements=False).iter("a"):
        address = urlsplit(urljoin(base, element.get("href", "")))
        if address.scheme in ("", "http") and address.netloc in ("", "localhost"):
            yield address.path + ("?" + address.query if address.query else "")


def walked(client: FlaskClient, start: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Every page and feed reached, by address; and what was wrong with them."""
    waiting, wrong = deque(start), list[str]()
    seen: dict[str, str] = {}
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.popleft()
        shape = path.partition("?")[0]
        if path in seen or sum(known.partition("?")[0] == shape for known in seen) > 3:
            continue
        answer = client.get(path)
        assert answer.status_code < 500, path
        kind = answer.mimetype or ""
        seen[path] = answer.text if kind.startswith(("text/", "application/atom", "application/rss")) else ""
        if kind == "text/html":
            wrong += [f"{path}: {fault}" for fault in faults(answer.text)]
            waiting.extend(links(answer.text, path))
        elif kind.endswith("xml"):
            wrong += [f"{path}: {e.tag}" for e in ElementTree.fromstring(answer.text).iter() if MARK in str(e.tag)]
    return seen, wrong


def test_on_no_public_page_does_anything_typed_become_mark_up(site: Site, sqlite_app: Flask):
    pages, wrong = walked(sqlite_app.test_client(), [each for each in site.addresses if "/office" not in each])
    assert wrong == []
    assert len(pages) > 25
    showing = [path for path, text in pages.items() if "&lt;" + MARK in text]
    assert any(path.startswith("/notices/") for path in showing), showing
    assert any(path.startswith("/projects/") for path in showing), showing
    assert any(path.startswith("/alerts/") for path in showing), showing
    assert any(path.startswith("/circulars") for path in showing), showing


def test_what_the_filer_and_the_office_said_is_shown_to_the_filer_as_text(site: Site, sqlite_app: Flask):
    client = sqlite_app.test_client()
    for number, code in site.pairs:
        page = client.post("/progress", data={"number": number, "code": code}).text
        assert list(faults(page)) == []
        assert page.count(f"&lt;{MARK} onclick=alert(1)&gt;") >= 3  # what was filed, said, and answered
        assert "&lt;script&gt;" in page


def test_on_no_page_of_the_office_does_anything_typed_become_mark_up(site: Site, sqlite_app: Flask):
    duties = [role for role in Role if role is not Role.SYSTEM]
    showing: set[str] = set()
    for code in (COUNTY, "430100", "430000"):
        desk = sign_in(sqlite_app.test_client(), builders.officer(*duties, bureau_code=code))
        pages, wrong = walked(desk.client, ["/office/", *(each for each in site.addresses if "/office" in each)])
        assert wrong == []
        showing |= {path.split("/")[2] for path, text in pages.items() if "&lt;" + MARK in text and "/office" in path}
    assert {"applications", "objections", "complaints"} <= showing, showing


HOSTILE = [TEXT, LINK, NAME, "'\"><svg/onload=x-hostile>", "{{7*7}}{% raw %}", "<!--", "</textarea><x-hostile>"]


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_is_sent_back_to_whoever_typed_it_is_text(sqlite_client: FlaskClient, time_is: SetClock, typed: str):
    """Searches, unknown numbers, forms with an error."""
    time_is("2026-10-09 10:00")
    notice = builders.notice()
    for path in ("/notices", "/records", "/progress", "/alerts", "/applications", "/complaints/new", "/circulars"):
        for name in ("q", "number", "bureau", "project", "company", "area", "status", "kind", "before", "notice"):
            answer = sqlite_client.get(path, query_string={name: typed})
            assert answer.status_code < 500
            if answer.mimetype == "text/html" and answer.status_code != 303:
                assert list(faults(answer.text)) == [], (path, name)
    for path in ("/notices/", "/projects/", "/companies/", "/alerts/", "/circulars/", "/feeds/", "/progress/"):
        answer = sqlite_client.get(path + quote(typed, safe=""))
        assert answer.status_code < 500
        assert list(faults(answer.text)) == [], path
    fields = ("number", "code", "address", "topic", "word", "project", "company", "bureau", "text", "name", "contact")
    sent = dict.fromkeys(fields, typed)
    for path in ("/progress", "/alerts", "/applications", f"/notices/{notice.reference}/filings"):
        answer = sqlite_client.post(path, data=sent)
        assert answer.status_code < 500
        assert list(faults(answer.text)) == [], path
    db.session.rollback()
    assert db.session.scalar(select(func.count(Complaint.id))) == 0
