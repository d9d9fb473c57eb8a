"""The steps of an objection: their pages, what each lacks, and keeping what was typed and uploaded (rules O1, O9)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response, g, redirect, request, url_for

from portal import clock
from portal.domain import complaint_routing, filings, objections, workdays
from portal.domain.attachments import StoredFile
from portal.domain.complaint_routing import Subject
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.filings import MOST_GROUNDS, SEAL, Ground
from portal.extensions import begin_write, db
from portal.models.notice import IntakeTicket, Notice
from portal.models.words import ComplaintMatter, ComplaintTarget, IdentityMode
from portal.public.forms import PublicForm
from portal.public.objection_forms import (
    PERSONAL,
    CheckForm,
    Draft,
    GroundsForm,
    IdentityForm,
    grounds_of,
    identity_of,
    seal_of,
    texts_of,
)
from portal.web import proof, uploads
from portal.web.access import settings
from portal.web.pages import page, refuse

STEPS = ("身份方式", "理由证据", "核对", "回执")
PAGES = ("identity", "grounds", "check", "receipt")
FORMS: dict[str, type[PublicForm]] = {"identity": IdentityForm, "grounds": GroundsForm, "check": CheckForm}
UPLOADS = ("public.filings.keep_identity", "public.filings.keep_grounds", "public.filings.upload")
QUICKLY_READ = 64 * 1024
"""Bytes."""
Files = dict[int, list[StoredFile]]
"""Uploaded files, by the place of their ground."""


def ticket_of(token: str) -> IntakeTicket:
    """The ticket of an objection under way. Raises NotFound, and AlreadyFiled if it was sent."""
    if filings.find_ticket(token).notice_id is None:
        raise NotFound(filings.NO_TICKET)  # another kind of filing goes on at another address
    return filings.open_ticket(token)


def notice_of(ticket: IntakeTicket) -> Notice:
    """What the objection is about."""
    assert ticket.notice is not None  # ticket_of
    return ticket.notice


def hold_from_arrival() -> None:
    """An upload holds its window while its body is still being read, which may take minutes (rule O1)."""
    if request.endpoint in UPLOADS and request.method == "POST" and (request.content_length or 0) > QUICKLY_READ:
        ticket = ticket_of(request.view_args["token"])  # type: ignore[index]
        begin_write()
        objections.hold(ticket.id, arrived_at=g.arrived_at)
        db.session.commit()


def keep_identity(ticket: IntakeTicket, form: IdentityForm) -> None:
    """Keep step 1; of an anonymous one nothing that tells who it is."""
    said = filings.draft(ticket) | {name: form[name].data or "" for name in ("mode", "kind", *PERSONAL)}
    anonymous = said["mode"] == IdentityMode.ANONYMOUS.value
    if anonymous:
        said |= dict.fromkeys(PERSONAL, "")
    scans = [] if anonymous else uploaded(form, "seal", secret=True)
    taken_out = anonymous or ("remove" in request.form and not scans)
    keep(ticket, form, said, {SEAL: scans}, gone=SEAL if taken_out else None)


def keep_grounds(ticket: IntakeTicket, form: GroundsForm) -> str:
    """Keep step 2; on the way add a ground, take one out, or take a file out. Returns where on the page to go on, empty
    for the next page.
    """
    said, asked = filings.draft(ticket), request.form
    # a ground that this page did not show, because another tab added it, stays what it is
    texts = [ground.text for ground in grounds_of(ticket, said)]
    texts += [""] * (max(used(form), default=0) - len(texts))
    texts = [form[f"ground-{at}"].data or "" if f"ground-{at}" in asked else text for at, text in enumerate(texts)]
    gone = place_of(asked.get("less"), len(texts))
    if gone is not None:
        del texts[gone]
    elif "more" in asked and len(texts) < MOST_GROUNDS:
        texts.append("")
    files = {at: uploaded(form, f"files-{at}") for at in range(MOST_GROUNDS)}
    keep(ticket, form, said | {"grounds": texts}, files, gone=gone, file_id=place_of(asked.get("remove"), 2**31) or 0)
    if "more" in asked:
        return f"ground-{len(texts) - 1}"
    return "evidence" if gone is not None or "remove" in asked or "keep" in asked else ""


def used(form: GroundsForm) -> Iterable[int]:
    """How many grounds a form would need for each of its grounds that says something."""
    for at in range(MOST_GROUNDS):
        if form[f"ground-{at}"].data or any(file.filename for file in request.files.getlist(f"files-{at}")):
            yield at + 1


def keep(
    ticket: IntakeTicket,
    form: PublicForm,
    said: Draft,
    files: Files,
    *,
    gone: int | None = None,
    file_id: int = 0,
) -> None:
    """Store with the ticket what was typed and uploaded, and commit; the ticket lives anew (rule O1). Files that are
    refused become errors of the form, all else stays. gone: a ground taken out; file_id: a file taken out.
    """
    before = _originals(ticket)
    begin_write()
    objections.hold(ticket.id, arrived_at=g.arrived_at)
    filings.keep_draft(ticket, {name: value for name, value in said.items() if value})
    for at, stored in files.items():
        try:
            filings.keep_files(ticket, at, stored, now=clock.now())
        except RuleViolation as refusal:
            if not refusal.field:
                raise
            refuse(form, refusal)
    filings.drop_file(ticket, file_id)
    if gone is not None:
        filings.drop_ground(ticket, gone)
    db.session.commit()
    uploads.discard(before - _originals(ticket))


def keep_upload(ticket: IntakeTicket, place: int, files: list[StoredFile]) -> None:
    """Store with the ticket what was uploaded by itself, and commit. Raises RuleViolation for nothing, or too much."""
    if not files:
        raise RuleViolation("没有收到文件，请重新选择", rule="O3")
    before = _originals(ticket)
    begin_write()
    objections.hold(ticket.id, arrived_at=g.arrived_at)
    filings.keep_files(ticket, place, files, now=clock.now())
    db.session.commit()
    uploads.discard(before - _originals(ticket))


def _originals(ticket: IntakeTicket) -> set[str]:
    """Where the sealed originals of the draft's files lie."""
    return {file.original_key for files in filings.kept_files(ticket).values() for file in files if file.original_key}


def uploaded(form: PublicForm, field: str, *, secret: bool = False) -> list[StoredFile]:
    """What was uploaded under one field of a form; a refusal becomes its error."""
    try:
        return uploads.store(request.files.getlist(field), field=field, secret=secret)
    except RuleViolation as refusal:
        refuse(form, refusal)
        return []


def lacking(ticket: IntakeTicket) -> tuple[str, list[RuleViolation]]:
    """The first step that still lacks something, and everything it lacks; an empty name if nothing is missing."""
    said = filings.draft(ticket)
    if not said.get("mode"):
        return "identity", [RuleViolation("请选择身份方式", rule="O2", field="mode")]
    looks = {
        "identity": filings.wrong_with_identity(identity_of(ticket, said)),
        "grounds": filings.wrong_with_grounds(grounds_of(ticket, said)),
    }
    return next(((step, wrong) for step, look in looks.items() if (wrong := list(look))), ("", []))


def check_identity(ticket: IntakeTicket, said: Draft) -> None:
    """Raise RuleViolation while a draft does not say how its filer wants to be known (rule O2)."""
    if not said.get("mode"):
        raise RuleViolation("请选择身份方式", rule="O2", field="mode")
    filings.check_identity(identity_of(ticket, said))


def back_to(token: str, step: str, place: str) -> Response:
    """To a place on the page of a step."""
    return redirect(url_for(f"public.filings.{step}", token=token, _anchor=place), code=303)  # type: ignore[return-value]


def refused_page(
    ticket: IntakeTicket, token: str, step: str, refusals: list[RuleViolation], form: PublicForm | None = None
) -> Response:
    """The page of a step with what it lacks. form: as it was sent; without it, as the draft has it."""
    form = form or blank(step, ticket)
    for refusal in refusals:
        refuse(form, refusal)
    return step_page(step, ticket, token, form, form.status)


def blank(step: str, ticket: IntakeTicket) -> Any:
    """The form of a step as the draft has it."""
    said = filings.draft(ticket)
    texts = {f"ground-{at}": text for at, text in enumerate(texts_of(said))}
    return FORMS[step](formdata=None, data=said | texts)


def step_page(step: str, ticket: IntakeTicket, token: str, form: PublicForm, status: int = 200) -> Response:
    """The page of one step, with the deadline, and who handles it if it is missed (rules O1, O9, C2)."""
    notice = notice_of(ticket)
    said, today = filings.draft(ticket), clock.today()
    about = Subject(ComplaintMatter.NOTICE, ComplaintTarget.NOTICE, notice_id=notice.id)
    return page(
        f"public/filings/{step}.html",
        status=status,
        token=token,
        form=form,
        steps=STEPS,
        step=PAGES.index(step),
        notice=notice,
        today=today,
        left=workdays.working_days_left(today, notice.last_day, workdays.load_calendar(db.session)),
        in_time=objections.in_time(notice, ticket, clock.now()),
        over=clock.now() >= notice.ends_at and not notice.provisional,
        holds_until=ticket.holds_until,
        kept_until=filings.kept_until(ticket),
        routing=complaint_routing.route(about),
        kept=filings.kept_files(ticket),
        accept=uploads.ACCEPT,
        most_bytes=settings().largest_file,
        **_more(step, ticket, said),
    )


def _more(step: str, ticket: IntakeTicket, said: Draft) -> dict[str, Any]:
    """What only one step shows."""
    if step == "identity":
        return {"sealed": seal_of(ticket), "files_said_before": uploads.said_before(1)}
    if step == "grounds":
        return {
            "shown": len(grounds_of(ticket, said)),
            "most_grounds": MOST_GROUNDS,
            "files_said_before": f"{uploads.said_before()}，{uploads.said_together()}",
        }
    return {
        "identity": identity_of(ticket, said),
        "grounds": _numbered(grounds_of(ticket, said)),
        "seen": filings.state(ticket),
        "asked": proof.asked(matter_key(ticket)),
    }


def matter_key(ticket: IntakeTicket) -> str:
    """What filings are counted by when they come thick and fast."""
    return f"notice:{ticket.notice_id}"


def _numbered(grounds: list[Ground]) -> list[tuple[int, Ground]]:
    """Those that say something, with the numbers they will have."""
    said = [ground for ground in grounds if ground.text.strip() or ground.files]
    return list(enumerate(said, 1))


def place_of(typed: str | None, end: int) -> int | None:
    """A whole number below `end` as a button sends it; None for anything else."""
    text = typed or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 and int(text) < end else None
