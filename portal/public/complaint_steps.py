"""The steps of a complaint: their pages, what each still lacks, and keeping what was typed and uploaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, redirect, request, url_for

from portal import clock
from portal.domain import complaint_routing, complaints, filings
from portal.domain.attachments import StoredFile
from portal.domain.complaint_routing import Routing
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.filings import SEAL
from portal.extensions import begin_write, db
from portal.models.attachment import Attachment
from portal.models.notice import IntakeTicket
from portal.models.words import ComplaintTarget, IdentityMode, Purpose
from portal.public import complaint_targets
from portal.public.complaint_forms import ContentForm, TargetForm, picked, subject_of
from portal.public.forms import PublicForm
from portal.public.objection_forms import PERSONAL, CheckForm, Draft, IdentityForm, identity_of, seal_of
from portal.public.objection_steps import place_of, uploaded
from portal.web import proof, uploads
from portal.web.access import settings
from portal.web.pages import go, page, refuse

STEPS = ("对象", "身份", "内容", "核对", "回执")
PAGES = ("target", "identity", "content", "check")
EVIDENCE = 0
"""Where the draft keeps its files; a unit's stamped page lies apart (rule C7)."""
PLACES = {"evidence": EVIDENCE, "seal": SEAL}


def ticket_of(token: str) -> IntakeTicket:
    """The ticket of a complaint under way. Raises NotFound, and AlreadyFiled if it was sent."""
    ticket = filings.open_ticket(token)
    if ticket.purpose is not Purpose.COMPLAINT:
        raise NotFound("没有找到这次填写，请从投诉举报页面重新开始")
    return ticket


def keep(
    ticket: IntakeTicket,
    form: PublicForm,
    said: Draft,
    files: dict[int, list[StoredFile]] | None = None,
    *,
    file_id: int = 0,
    unsealed: bool = False,
) -> None:
    """Store with the ticket what was typed and uploaded, and commit. Files that are refused become errors of the form,
    all else stays. file_id: a file taken out; unsealed: the stamped page taken out.
    """
    begin_write()
    filings.keep_draft(ticket, {name: value for name, value in said.items() if value})
    for place, stored in (files or {}).items():
        try:
            filings.keep_files(ticket, place, stored, now=clock.now())
        except filings.AlreadyFiled:
            raise
        except RuleViolation as refusal:
            refuse(form, RuleViolation(refusal.message, rule=refusal.rule, field="files"))
    filings.drop_file(ticket, file_id)
    if unsealed:
        filings.drop_ground(ticket, SEAL)
    db.session.commit()


def keep_identity(ticket: IntakeTicket, form: IdentityForm) -> Draft:
    """Keep step 2; of an anonymous one nothing that tells who it is. Returns the draft."""
    said = filings.draft(ticket) | {name: form[name].data or "" for name in ("mode", "kind", *PERSONAL)}
    anonymous = said["mode"] == IdentityMode.ANONYMOUS.value
    if anonymous:
        said |= dict.fromkeys(PERSONAL, "")
    scans = [] if anonymous else uploaded(form, "seal", secret=True)
    keep(ticket, form, said, {SEAL: scans}, unsealed=anonymous or ("remove" in request.form and not scans))
    return said


def keep_content(ticket: IntakeTicket, form: ContentForm) -> Draft:
    """Keep step 3 with what was uploaded, and take a file out if that was asked. Returns the draft."""
    said = filings.draft(ticket) | {"text": form.text.data or ""}
    dropped = place_of(request.form.get("remove"), 2**31) or 0
    keep(ticket, form, said, {EVIDENCE: uploaded(form, "files")}, file_id=dropped)
    return said


def keep_upload(ticket: IntakeTicket, place: int) -> None:
    """Store with the ticket what was uploaded by itself, and commit. Raises RuleViolation if it is too many."""
    files = uploads.store(request.files.getlist("file"), secret=place == SEAL)
    begin_write()
    filings.keep_files(ticket, place, files, now=clock.now())
    db.session.commit()


def kept(ticket: IntakeTicket) -> list[Attachment]:
    """What was uploaded so far as evidence."""
    return filings.kept_files(ticket).get(EVIDENCE, [])


def fits(form: PublicForm, look: Callable[[], object]) -> bool:
    """Whether a rule allows what was typed; if not, its refusal stands in the form."""
    try:
        look()
    except RuleViolation as refusal:
        refuse(form, refusal)
        return False
    return True


def check_target(said: Draft) -> None:
    """Raise RuleViolation while the draft does not say what it is about, clearly enough to send it somewhere."""
    subject = subject_of(said)
    if subject is None:
        if not said.get("matter"):
            raise RuleViolation("请选择反映什么问题", rule="C1", field="matter")
        raise RuleViolation("请查找并选择反映的对象，或者选择工作人员、其他并写明情况", rule="C1", field="target")
    complaints.check_subject(subject)
    complaint_routing.route(subject)


def wrong_with_identity(ticket: IntakeTicket, said: Draft) -> list[RuleViolation]:
    """All that the draft still lacks to say how its filer wants to be known (rule O2)."""
    if not said.get("mode"):
        return [RuleViolation("请选择身份方式", rule="O2", field="mode")]
    return list(filings.wrong_with_identity(identity_of(ticket, said)))


def gap(ticket: IntakeTicket, said: Draft) -> str:
    """The first step that still lacks something; empty if nothing is missing."""
    fit = {
        "target": fits(PublicForm(), lambda: check_target(said)),
        "identity": not wrong_with_identity(ticket, said),
        "content": fits(PublicForm(), lambda: complaints.check_text(str(said.get("text", "")))),
    }
    return next((step for step, complete in fit.items() if not complete), "")


def go_on(ticket: IntakeTicket, token: str, said: Draft) -> Response:
    """To the first step that lacks something, or to the last look."""
    return go(f"public.complaints.{gap(ticket, said) or 'check'}", token=token)


def routing_of(said: Draft) -> Routing | None:
    """Who is going to handle it; None while the draft does not say what it is about (rule C2)."""
    subject = subject_of(said)
    try:
        return complaint_routing.route(subject) if subject is not None else None
    except RuleViolation:
        return None


def matter_key(said: Draft) -> str:
    """What filings are counted by when they come thick and fast: the thing picked, or the place."""
    return str(said.get("pick") or f"complaint:{said.get('place', '')}")[:80]


def back_to(token: str, step: str, place: str) -> Response:
    """To a place on the page of a step."""
    return redirect(url_for(f"public.complaints.{step}", token=token, _anchor=place), code=303)  # type: ignore[return-value]


def target_page(ticket: IntakeTicket, token: str, said: Draft, form: TargetForm, status: int = 200) -> Response:
    """Step 1, with what was found or picked."""
    pick, words = picked(said), str(said.get("q", ""))
    asks_place = pick is not None and pick.target is ComplaintTarget.COMPANY
    if asks_place and pick and pick.bureau and not form.place.data:
        form.place.data = str(pick.bureau.id)
    hits = complaint_targets.search(words) if words and pick is None else []
    more = {"pick": pick, "asks_place": asks_place, "hits": hits, "words": words}
    return step_page("target", ticket, token, said, form, status, **more)


def step_page(
    name: str, ticket: IntakeTicket, token: str, said: Draft, form: PublicForm, status: int = 200, **more: Any
) -> Response:
    """The page of one step."""
    return page(
        f"public/complaints/{name}.html",
        status=status,
        token=token,
        said=said,
        form=form,
        steps=STEPS,
        step=PAGES.index(name),
        routing=routing_of(said),
        kept_until=filings.kept_until(ticket),
        kept=kept(ticket),
        sealed=seal_of(ticket),
        accept=uploads.ACCEPT,
        most_bytes=settings().largest_file,
        files_said_before=uploads.said_before(),
        files_together=uploads.said_together(),
        **more,
    )


def check_page(ticket: IntakeTicket, token: str, said: Draft, form: CheckForm, status: int = 200) -> Response:
    """Step 4: everything once more, who will handle it, who will not learn of it, and until when (rules C2, C3)."""
    subject = subject_of(said)
    assert subject is not None  # nothing is missing any more
    today = clock.today()
    more = {
        "pick": picked(said),
        "subject": subject,
        "identity": identity_of(ticket, said),
        "seen": filings.state(ticket),
        "asked": proof.asked(matter_key(said)),
        "accept_days": complaints.days("accept_days", subject.matter, today),
        "accept_by": complaints.last_day("accept_days", subject.matter, today),
    }
    return step_page("check", ticket, token, said, form, status, **more)
