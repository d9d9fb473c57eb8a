"""The way to an application at both doors: project, kind and entries, and then, with route and gate told, its form.

Each step is an address, so that going back loses nothing (rules S2–S5, S7, S9).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.domain import cleaning, divisions, identifiers, projects
from portal.domain.errors import RuleViolation
from portal.domain.outlook import Outlook, outlook
from portal.extensions import db
from portal.models.project import Project
from portal.models.record import RecordEntry
from portal.models.words import Kind, Origin, Section
from portal.web.pages import typed

FIELDS = ("project", "kind", "section", "origin", "number", "accepted")
MOST_PARTS = 8
"""Entries one application may name: each brings a dozen fields along."""


@dataclass(frozen=True, slots=True)
class Part:
    """One entry the application is about. `entry` is None for one that is to be supplemented."""

    section: Section
    origin: Origin
    number: str
    entry: RecordEntry | None
    outlook: Outlook

    @property
    def carried(self) -> tuple[str, str]:
        """Name and value by which an address or a form carries it."""
        if self.entry is not None:
            return "entry", str(self.entry.id)
        return "part", f"{self.section.value}:{self.origin.value}:{self.number}"


@dataclass(slots=True)
class Steps:
    """How far it has come. `refused` says why it goes no further; `errors` what is wrong with a field."""

    typed: dict[str, str]
    number: str = ""
    project: Project | None = None
    is_new: bool = False
    area: str = ""
    entries: list[RecordEntry] = field(default_factory=list)
    kind: Kind | None = None
    parts: list[Part] = field(default_factory=list)
    accepted_on: date | None = None
    errors: dict[str, str] = field(default_factory=dict)
    refused: str = ""

    @property
    def ready(self) -> bool:
        """True if the form may be filled in: everything before it is settled, and no part is refused."""
        settled = self.kind is not None and bool(self.parts) and not self.refused and not self.errors
        return settled and all(part.outlook.open for part in self.parts)

    @property
    def settled_kind(self) -> Kind:
        """The kind, once it is chosen. Raises LookupError before."""
        if self.kind is None:
            raise LookupError("the second step is not done")
        return self.kind

    def carried(self, *, without: Part | None = None) -> list[tuple[str, str]]:
        """Everything chosen so far as a form carries it on, one part left out if one is named."""
        plain = [(name, self.typed[name]) for name in ("project", "kind", "accepted") if self.typed[name]]
        return plain + [part.carried for part in self.parts if part is not without]

    def companies(self) -> dict[str, str]:
        """Units the project's data name, with their codes where known (rule S9)."""
        found: dict[str, str] = {}
        if self.project is not None and self.project.owner_name:
            found[self.project.owner_name] = self.project.owner_code
        for entry in self.entries:
            for key, value in entry.content.items():
                if key.endswith("_name") and isinstance(value, str) and f"{key[:-5]}_code" in entry.content:
                    code = entry.content[f"{key[:-5]}_code"]
                    found[value] = found.get(value) or (code if isinstance(code, str) else "")
        return found


def read(args: MultiDict[str, str], refuse: Callable[[Project | None, str | None], str]) -> Steps:
    """The steps as far as the address or the form has them.

    refuse: says in words why this door does not take an application for a project, or for a new one of the bureau
    with this code (None: its area alone does not tell); an empty text if it does.
    """
    steps = Steps({name: typed(args.get(name), 120) for name in FIELDS})
    if steps.typed["project"] and _find_project(steps, refuse) and _read_kind(steps):
        _read_parts(steps, args)
    return steps


def _find_project(steps: Steps, refuse: Callable[[Project | None, str | None], str]) -> bool:
    """Step 1. A project this door does not take is refused in the same words, known or not (rules S3, A5)."""
    cleaned = identifiers.check_project_number(steps.typed["project"])
    if cleaned.value is None:
        steps.errors["project"] = next((problem.message for problem in cleaned.problems), "请填写项目编号")
        return False
    steps.number = cleaned.value
    steps.area = identifiers.area_of(steps.number) or ""
    project = projects.known(steps.number)
    steps.errors["project"] = refuse(project, None if project else _locality(steps.area))
    if steps.errors["project"]:
        return False
    del steps.errors["project"]
    steps.project, steps.is_new = project, project is None
    if project is not None:
        standing = RecordEntry.project_id == project.id, RecordEntry.deleted_at.is_(None)
        query = select(RecordEntry).where(*standing).order_by(RecordEntry.number)
        order = list(Section)
        steps.entries = sorted(db.session.scalars(query), key=lambda entry: order.index(entry.section))
        steps.accepted_on = project.accepted_on
    return True


def _locality(area: str) -> str | None:
    """Code of the bureau for an area, or None where the code alone does not tell (then it is asked for)."""
    try:
        return divisions.bureau_code(area) if area else None
    except RuleViolation:
        return None


def _read_kind(steps: Steps) -> bool:
    """Step 2a."""
    if steps.typed["kind"] not in {kind.value for kind in Kind}:
        return False
    steps.kind = Kind(steps.typed["kind"])
    if steps.is_new and steps.kind is not Kind.SUPPLEMENT:
        steps.refused = f"档案中没有这个项目，只能补录，不能{steps.kind.label}；请核对项目编号"
        return False
    return True


def _read_parts(steps: Steps, args: MultiDict[str, str]) -> None:
    """Step 2b: entries on file, or for a supplement those chosen before and the one typed now."""
    if steps.kind is not Kind.SUPPLEMENT:
        for chosen in dict.fromkeys(args.getlist("entry")[: MOST_PARTS + 1]):
            entry = next((entry for entry in steps.entries if str(entry.id) == chosen), None)
            if entry is None:
                steps.errors["entry"] = "请从列表中选择一个环节"
            else:
                _add(steps, entry.section, entry.origin, entry.number, entry)
    else:
        if steps.is_new and steps.typed["accepted"]:
            accepted = cleaning.clean_date(steps.typed["accepted"])
            steps.accepted_on = accepted.value
            if accepted.value is None:
                steps.errors["accepted"] = next((p.message for p in accepted.problems), "请按2017-05-24的样式填写日期")
        for carried in args.getlist("part")[: MOST_PARTS + 1]:
            section, _, rest = typed(carried, 160).partition(":")
            _read_new(steps, section, *rest.partition(":")[::2])
        if steps.typed["section"]:
            _read_new(steps, steps.typed["section"], steps.typed["origin"], steps.typed["number"])
    if len(steps.parts) > MOST_PARTS:
        steps.errors["entry"] = steps.errors["section"] = f"一次最多申请{MOST_PARTS}个环节，其余请另行申请"


def _read_new(steps: Steps, section: str, origin: str, written: str) -> None:
    """One entry to be supplemented: section, origin and number, or what is wrong with them."""
    wrong: dict[str, str] = {}
    if section not in {each.value for each in Section}:
        wrong["section"] = "请选择要补录的环节"
    if origin not in {each.value for each in Origin}:
        wrong["origin"] = "请选择办理方式"
    number = identifiers.check_node_number(written, steps.number)
    if number.value is None:
        wrong["number"] = next((problem.message for problem in number.problems), "请填写环节编号")
    elif len(number.value) > 80:
        wrong["number"] = "环节编号不超过80个字符"
    steps.errors |= wrong
    if not wrong:
        _add(steps, Section(section), Origin(origin), number.value or "", None)


def _add(steps: Steps, section: Section, origin: Origin, number: str, entry: RecordEntry | None) -> None:
    """Judge an entry and add it, once."""
    if any((part.section, part.number) == (section, number) for part in steps.parts):
        return
    foreseen = outlook(
        steps.settled_kind,
        section,
        origin,
        number,
        project=steps.project,
        accepted_on=steps.accepted_on,
        today=clock.today(),
    )
    steps.parts.append(Part(section, origin, number, entry, foreseen))
