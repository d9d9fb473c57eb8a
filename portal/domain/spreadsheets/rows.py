"""One row of a sheet made usable, or its faults named by row, column, value and reason (rules S8, S10)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from portal.domain import cleaning, identifiers, sections
from portal.domain.cleaning import Cleaned, Problem
from portal.domain.cleaning.text import Severity
from portal.domain.personal_data import mask_personal_data
from portal.domain.sections.entries import Content, without_personal_data
from portal.domain.spreadsheets import layout
from portal.domain.spreadsheets.layout import Column, Template
from portal.domain.spreadsheets.reading import SheetRow
from portal.models.words import DataLevel, DataSource, Kind, Origin, Section, Sector, Undertaking, Word

W = TypeVar("W", bound=Word)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one cell.

    Where, what stood there (personal data masked), why, and whether it stops the row.
    """

    row: int
    column: str
    value: str
    reason: str
    severity: Severity
    rule: str = "S10"


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """A row as the domain wants it.

    project: number, name, area_code, township, sector, undertaking, owner_name, owner_code, completed_on (YYYY-MM-DD);
    canonical values or None. content: canonical, as `sections.parse` gives it. applicant: name and code, None for
    records. level and source: None for applications. fingerprint: the same for rows that say the same, wherever they
    stand.
    """

    number: int
    template: Template
    project: dict[str, str | None]
    section: Section | None
    entry_number: str | None
    origin: Origin | None
    content: Content
    kind: Kind | None = None
    applicant: dict[str, str | None] | None = None
    level: DataLevel | None = None
    source: DataSource | None = None
    problems: list[RowProblem] = field(default_factory=list)
    fingerprint: str = ""

    @property
    def usable(self) -> bool:
        """True if no problem forbids the row; warnings do not."""
        return all(problem.severity != "error" for problem in self.problems)


def parse_row(template: Template | str, row: SheetRow, *, areas: Collection[str] | None = None) -> ParsedRow:
    """Everything a row says, cleaned, with everything that is wrong with it. Never raises on what a row holds.

    areas: the area codes that exist in Hunan, to warn about project numbers with another one.
    """
    return _Reader(Template(template), row, areas).read()


def check_together(rows: Iterable[ParsedRow]) -> list[RowProblem]:
    """Warnings that need the whole sheet: a row said twice, and a project's entries that contradict each other.

    Holds the rows in memory; give it what is to be imported together.
    """
    found: list[RowProblem] = []
    first_with: dict[str, int] = {}
    projects: dict[str, list[ParsedRow]] = {}
    for row in rows:
        first = first_with.setdefault(row.fingerprint, row.number)
        if first != row.number:
            found.append(RowProblem(row.number, "", "", f"与第{first}行内容相同，只导入一次", "warning", "S8"))
        elif row.section is not None:
            projects.setdefault(row.project["number"] or f"第{row.number}行", []).append(row)
    for number, together in projects.items():
        entries = [sections.Entry(row.section, row.content, row.entry_number) for row in together if row.section]
        # Numbers of other projects are reported cell by cell already, hence no project_number here.
        for doubt in sections.doubts(entries):
            value = mask_personal_data(doubt.value)
            found.append(RowProblem(together[doubt.index].number, doubt.label, value, doubt.message, "warning"))
        names = {row.project["name"] for row in together if row.project["name"]}
        if len(names) > 1:
            reason = f"项目编号{number}在表中对应{len(names)}个不同的项目名称"
            found.append(RowProblem(together[-1].number, layout.PROJECT_NAME.label, "", reason, "warning"))
    return sorted(found, key=lambda problem: problem.row)


class _Reader:
    """Reads one row and collects its problems."""

    def __init__(self, template: Template, row: SheetRow, areas: Collection[str] | None) -> None:
        self.template, self.row, self.areas = template, row, areas
        self.values: Mapping[str, object] = {layout.heading(label): value for label, value in row.values.items()}
        self.problems: list[RowProblem] = []

    def read(self) -> ParsedRow:
        project = self._project()
        section = self._word(layout.SECTION, Section)
        entry_number = self._take(
            layout.ENTRY_NUMBER, identifiers.check_node_number(self._raw(layout.ENTRY_NUMBER), project["number"])
        )
        origin = self._word(layout.ORIGIN, Origin)
        content = self._content(section, project["number"])
        kind = applicant = level = source = None
        if self.template is Template.APPLICATIONS:
            kind = self._kind()
            applicant = {"name": self._text(layout.APPLICANT), "code": self._company_code(layout.APPLICANT_CODE)}
        else:
            level = self._level()
            source = self._word(layout.DATA_SOURCE, DataSource, {"历史补录": DataSource.SUPPLEMENTED})
        self._name_ignored_columns(section)
        parsed = ParsedRow(
            self.row.number, self.template, project, section, entry_number, origin, content, kind, applicant, level,
            source, self.problems,
        )  # fmt: skip
        return _with_fingerprint(parsed)

    def _project(self) -> dict[str, str | None]:
        number = self._take(
            layout.PROJECT_NUMBER,
            identifiers.check_project_number(self._raw(layout.PROJECT_NUMBER), areas=self.areas),
        )
        sector = self._word(layout.SECTOR, Sector, {"房建": Sector.HOUSING, "市政工程": Sector.MUNICIPAL})
        undertaking = self._word(layout.UNDERTAKING, Undertaking, {"施工总承包": Undertaking.GENERAL})
        completed = self._take(layout.COMPLETED_ON, cleaning.clean_date(self._raw(layout.COMPLETED_ON)))
        return {
            "number": number,
            "name": self._text(layout.PROJECT_NAME),
            "area_code": self._area_code(number),
            "township": self._text(layout.TOWNSHIP),
            "sector": sector.value if sector else None,
            "undertaking": (undertaking or Undertaking.GENERAL).value,
            "owner_name": self._text(layout.OWNER),
            "owner_code": self._company_code(layout.OWNER_CODE),
            "completed_on": completed.isoformat() if completed else None,
        }

    def _area_code(self, project_number: str | None) -> str | None:
        """The sheet's own code, else the one in the project number (rule S3)."""
        cleaned = cleaning.clean_code(self._raw(layout.AREA_CODE))
        if cleaned.value and not re.fullmatch(r"\d{6}", cleaned.value, re.ASCII):
            cleaned = cleaned.but(Problem("error", f"区划代码“{cleaned.value}”应为6位数字", "S3"))
        inside = identifiers.area_of(project_number) if project_number else None
        if cleaned.value and inside and cleaned.value != inside:
            text = f"区划代码{cleaned.value}与项目编号中的{inside}不一致，以填写的区划代码为准"
            cleaned = cleaned.but(Problem("warning", text, "S3"))
        return self._take(layout.AREA_CODE, cleaned) or inside

    def _content(self, section: Section | None, project_number: str | None) -> Content:
        if section is None:
            return {}
        # What is missing is asked for once in the deficiency notice (rule V1), so a gap does not cost the row.
        content, problems = sections.parse(section, self.values, missing="warning", project_number=project_number)
        fixed = layout.fixed_labels(self.template)
        for problem in problems:
            if problem.label not in fixed or problem.message.endswith("没有填写"):
                self._add(problem.label, problem.value, Problem(problem.severity, problem.message, problem.rule))
        own = {f.key for f in sections.schema(section) if f.label not in fixed}
        if all(content[key] is None for key in own):
            reason = f"环节“{section.label}”的各列都没有可用的内容"
            self._add(layout.SECTION.label, section.label, Problem("error", reason, "S8"))
        return content

    def _kind(self) -> Kind | None:
        written = cleaning.shown(self._raw(layout.KIND) or "")
        if written == Kind.LEVEL_UPGRADE.label:
            self._add(layout.KIND.label, written, Problem("error", "等级提升须逐件申请，不能批量收件", "S2"))
            return None
        return self._word(layout.KIND, Kind)

    def _level(self) -> DataLevel:
        """An empty grade never counts as a confirmed one: D says that nobody has reviewed the entry (rule L1)."""
        raw = self._raw(layout.DATA_LEVEL)
        cleaned = cleaning.clean_text(raw)
        letter = (cleaned.value or "").upper().removesuffix("级")
        if letter in list(DataLevel):
            return DataLevel(letter)
        reason = f"“{letter}”不是A、B、C、D之一" if letter else "数据等级为空，按D级（未经审核）登记"
        self._add(layout.DATA_LEVEL.label, _quoted(raw), Problem("error" if letter else "warning", reason, "L1"))
        return DataLevel.D

    def _word(self, column: Column, words: type[W], aliases: Mapping[str, W] | None = None) -> W | None:
        cleaned = cleaning.clean_text(self._raw(column))
        text = (cleaned.value or "").replace(" ", "")
        word = words.by_label(text) or (aliases or {}).get(text)
        if word is None and text:
            cleaned = cleaned.but(
                Problem("error", f"“{cleaning.shown(text, 20)}”无法识别，可填：{'、'.join(column.choices)}")
            )
        self._take(column, cleaned)
        return word

    def _text(self, column: Column) -> str | None:
        cleaned = cleaning.clean_text(self._raw(column), max_length=200)
        return self._take(column, without_personal_data(cleaned))

    def _company_code(self, column: Column) -> str | None:
        return self._take(column, identifiers.check_company_code(self._raw(column)))

    def _raw(self, column: Column) -> object:
        return self.values.get(column.label)

    def _take(self, column: Column, cleaned: Cleaned[Any]) -> Any:
        """The cleaned value; its problems, and its absence where it is needed, noted against the column."""
        for problem in cleaned.problems:
            self._add(column.label, _quoted(self._raw(column)), problem)
        if cleaned.value is None and cleaned.ok and column.required:
            self._add(column.label, _quoted(self._raw(column)), Problem("error", f"“{column.label}”没有填写", "S8"))
        return cleaned.value

    def _add(self, column: str, value: str, problem: Problem) -> None:
        message = mask_personal_data(problem.message)
        found = RowProblem(self.row.number, column, value, message, problem.severity, problem.rule)
        if found not in self.problems:
            self.problems.append(found)

    def _name_ignored_columns(self, section: Section | None) -> None:
        if section is None:
            return
        used = layout.fixed_labels(self.template) | {f.label for f in sections.schema(section)}
        known = layout.known_labels(self.template)
        for label, raw in self.values.items():
            if label not in used and cleaning.clean_text(raw).value is not None:
                reason = f"该列不属于环节“{section.label}”" if label in known else "无法识别的列"
                self._add(label, _quoted(raw), Problem("warning", f"{reason}，已忽略", "S8"))


def _quoted(raw: object) -> str:
    return "" if raw is None else mask_personal_data(cleaning.shown(raw, 60))


def _with_fingerprint(parsed: ParsedRow) -> ParsedRow:
    """SHA-256 over what the row says in canonical form; where it stands and how it was spelled do not matter."""
    said = [
        parsed.template, parsed.kind, parsed.project, parsed.section, parsed.entry_number, parsed.origin,
        parsed.content, parsed.applicant, parsed.level, parsed.source,
    ]  # fmt: skip
    canonical = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return replace(parsed, fingerprint=hashlib.sha256(canonical.encode()).hexdigest())
