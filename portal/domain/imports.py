"""批量导入: a spreadsheet is checked first and taken in afterwards, row by row (rules S8, S10).

The dry run tries every row through the real verb and takes it back, so that what it reports is what would happen.
Good rows are not lost because of bad ones; the same file twice adds nothing; a run that was interrupted goes on where
it stopped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select

from portal.domain import divisions, import_rows, permissions, trail
from portal.domain.actor import Actor
from portal.domain.errors import NotAllowedNow, NotFound, RuleViolation
from portal.domain.import_rows import AlreadyThere
from portal.domain.permissions import Permission
from portal.domain.spreadsheets import ParsedRow, RowProblem, SheetRow, SpreadsheetError, Template, parse_row
from portal.domain.trail import Event
from portal.extensions import db, lock
from portal.models.import_batch import ImportBatch, ImportProblem, ImportRow, ImportState, RowState
from portal.models.words import Role

MOST_ROWS = 200_000


def upload(
    template: Template, file_name: str, data: bytes, store_key: str, *, actor: Actor, now: datetime
) -> ImportBatch:
    """Hand in a spreadsheet; its dry run follows in the background. Raises NotAllowed."""
    permissions.require(actor, Permission.IMPORT)
    batch = ImportBatch(
        template=template.value,
        state=ImportState.UPLOADED,
        file_name=file_name,
        sha256=hashlib.sha256(data).hexdigest(),
        store_key=store_key,
        bureau_id=actor.bureau_id,
        uploaded_by_id=actor.account_id,
        uploaded_at=now,
    )
    db.session.add(batch)
    db.session.flush()
    trail.record(
        Event.IMPORT_UPLOADED,
        actor=actor,
        now=now,
        subject=("import_batch", str(batch.id)),
        acting_as=Role.CLERK.value,
        after={"file": batch.sha256},
        detail={"template": template.value},
    )
    return batch


def check_rows(batch: ImportBatch, chunk: Sequence[SheetRow], seen: set[str], *, actor: Actor, now: datetime) -> None:
    """The dry run of some rows: read, clean, try and take back each, and note what is wrong with it.

    seen: fingerprints of the rows before, added to. Raises SpreadsheetError for too many rows.
    """
    areas = divisions.area_codes()
    for sheet_row in chunk:
        parsed = parse_row(Template(batch.template), sheet_row, areas=areas)
        state = _judge(parsed, seen, actor, now)
        seen.add(parsed.fingerprint)
        db.session.add(
            ImportRow(
                batch_id=batch.id,
                number=parsed.number,
                state=state,
                parsed=import_rows.as_json(parsed),
                fingerprint=parsed.fingerprint,
            )
        )
        db.session.add_all(_problem(batch.id, problem) for problem in parsed.problems)
        batch.total += 1
        batch.processed += 1
    if batch.total > MOST_ROWS:
        raise SpreadsheetError(f"一次最多导入{MOST_ROWS}行，请分成几个文件")


def checked(batch: ImportBatch) -> None:
    """The dry run is complete: its report may be read and the import started."""
    batch.state, batch.processed = ImportState.CHECKED, 0


def refuse(batch: ImportBatch, why: str) -> None:
    """The file cannot be read: say so; none of its rows comes in."""
    batch.state, batch.failure = ImportState.REFUSED, why[:500]


def start(batch: ImportBatch, *, actor: Actor, now: datetime) -> None:
    """Let the good rows in; the background does it. Raises NotAllowedNow unless a dry run has been made."""
    permissions.require(actor, Permission.IMPORT)
    if batch.bureau_id != actor.bureau_id:
        raise NotFound("没有找到这次导入", rule="A5")
    batch = lock(ImportBatch, batch.id)
    if batch.state is not ImportState.CHECKED:
        raise NotAllowedNow(f"当前状态为“{batch.state.label}”，不能开始导入", rule="S8")
    batch.state = ImportState.IMPORTING
    batch.processed = 0


def take_in_row(batch: ImportBatch, row: ImportRow, *, actor: Actor, now: datetime) -> None:
    """Bring in one good row; what the rules refuse now, though the dry run let it pass, becomes a bad row."""
    number = row.number
    try:
        with db.session.begin_nested():
            row.result = import_rows.take_in(row.parsed, row.fingerprint, batch=str(batch.id), actor=actor, now=now)
            row.state = RowState.IMPORTED
    except AlreadyThere:
        row.state = RowState.DUPLICATE
    except RuleViolation as refusal:
        row.state = RowState.BAD
        db.session.add(_problem(batch.id, RowProblem(number, "", "", refusal.message, "error", refusal.rule)))
    batch.processed += 1


def finish(batch: ImportBatch, *, actor: Actor, now: datetime) -> None:
    """All good rows are in."""
    batch.state = ImportState.DONE
    counts = summary(batch)
    trail.record(
        Event.IMPORT_FINISHED,
        actor=actor,
        now=now,
        subject=("import_batch", str(batch.id)),
        acting_as=Role.CLERK.value,
        detail={"imported": counts["imported"], "bad": counts["bad"], "duplicate": counts["duplicate"]},
    )


def summary(batch: ImportBatch) -> dict[str, int]:
    """How many rows are good, bad, duplicate, imported, and how many warnings there are."""
    counts = dict.fromkeys((state.value for state in RowState), 0)
    for state, count in db.session.execute(
        select(ImportRow.state, func.count()).where(ImportRow.batch_id == batch.id).group_by(ImportRow.state)
    ):
        counts[state.value] = count
    warnings = select(func.count()).where(ImportProblem.batch_id == batch.id, ImportProblem.is_error.is_(False))
    counts["warnings"] = db.session.scalar(warnings) or 0
    return counts


def problems(batch: ImportBatch) -> Select[ImportProblem]:
    """Every problem of a batch, as the report lists them."""
    return select(ImportProblem).where(ImportProblem.batch_id == batch.id).order_by(ImportProblem.id)


def _judge(parsed: ParsedRow, seen: set[str], actor: Actor, now: datetime) -> RowState:
    """What would become of a row; reasons are added to its problems."""
    if not parsed.usable:
        return RowState.BAD
    if parsed.fingerprint in seen:
        parsed.problems.append(
            RowProblem(parsed.number, "", "", "与本表前面的一行内容相同，只导入一次", "warning", "S8")
        )
        return RowState.DUPLICATE
    trial = db.session.begin_nested()
    try:
        import_rows.take_in(import_rows.as_json(parsed), parsed.fingerprint, batch="dry-run", actor=actor, now=now)
        db.session.flush()
        return RowState.GOOD
    except AlreadyThere as known:
        parsed.problems.append(RowProblem(parsed.number, "", "", known.message, "warning", "S8"))
        return RowState.DUPLICATE
    except RuleViolation as refusal:
        column, value = import_rows.cell_of(refusal.field, parsed)
        parsed.problems.append(RowProblem(parsed.number, column, value, refusal.message, "error", refusal.rule))
        return RowState.BAD
    finally:
        if trial.is_active:
            trial.rollback()


def _problem(batch_id: int, problem: RowProblem) -> ImportProblem:
    return ImportProblem(
        batch_id=batch_id,
        row_number=problem.row,
        column=problem.column[:60],
        value=problem.value[:200],
        reason=problem.reason[:300],
        is_error=problem.severity == "error",
    )
