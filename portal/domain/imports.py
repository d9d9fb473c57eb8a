"""批量导入: a spreadsheet is checked first and taken in afterwards, row by row (rules S8, S10).

The dry run tries every row through the real verb and takes it back, so that what it reports is what would happen.
Good rows are not lost because of bad ones; the same file twice adds nothing; a run that was interrupted goes on where
it stopped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from sqlalchemy import Select, func, select

from portal.domain import divisions, import_rows, permissions, trail
from portal.domain.actor import Actor
from portal.domain.errors import NotAllowedNow, RuleViolation
from portal.domain.import_rows import AlreadyThere
from portal.domain.permissions import Permission
from portal.domain.spreadsheets import ParsedRow, RowProblem, SheetRow, SpreadsheetError, Template, parse_row, read_rows
from portal.domain.trail import Event
from portal.extensions import begin_write, db, lock
from portal.models.import_batch import ImportBatch, ImportProblem, ImportRow, ImportState, RowState
from portal.models.words import Role

CHUNK = 25
"""Rows per transaction: nobody waits longer for the database than these take."""
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


def check(batch_id: int, data: bytes, *, actor: Actor, now: datetime) -> None:
    """The dry run: read, clean and try every row, and note what is wrong with it. Commits as it goes; may be called
    again after a crash.
    """
    batch = db.session.get_one(ImportBatch, batch_id)
    template, name = Template(batch.template), batch.file_name
    begun_at = db.session.scalar(select(func.max(ImportRow.number)).where(ImportRow.batch_id == batch_id)) or 0
    seen = set(db.session.scalars(select(ImportRow.fingerprint).where(ImportRow.batch_id == batch_id)))
    try:
        rows = (row for row in read_rows(name, data) if row.number > begun_at)
        for chunk in _chunks(rows):
            if not _check_chunk(batch_id, template, chunk, seen, actor, now):
                return
    except SpreadsheetError as fault:
        _refuse(batch_id, str(fault))
        return
    begin_write()
    batch = lock(ImportBatch, batch_id)
    if batch.state is ImportState.UPLOADED:
        batch.state = ImportState.CHECKED
        batch.processed = 0
    db.session.commit()


def start(batch: ImportBatch, *, actor: Actor, now: datetime) -> None:
    """Let the good rows in; the background does it. Raises NotAllowedNow unless a dry run has been made."""
    permissions.require(actor, Permission.IMPORT)
    batch = lock(ImportBatch, batch.id)
    if batch.state is not ImportState.CHECKED:
        raise NotAllowedNow(f"当前状态为“{batch.state.label}”，不能开始导入", rule="S8")
    batch.state = ImportState.IMPORTING
    batch.processed = 0


def take_in(batch_id: int, *, actor: Actor, now: datetime) -> None:
    """Bring in the good rows of a started batch, each in its own transaction. May be called again after a crash."""
    while True:
        todo = list(
            db.session.scalars(
                select(ImportRow.id)
                .where(ImportRow.batch_id == batch_id, ImportRow.state == RowState.GOOD)
                .order_by(ImportRow.id)
                .limit(CHUNK)
            )
        )
        if not todo:
            break
        for row_id in todo:
            begin_write()
            batch = lock(ImportBatch, batch_id)
            row = db.session.get_one(ImportRow, row_id, populate_existing=True)
            if batch.state is not ImportState.IMPORTING or row.state is not RowState.GOOD:
                db.session.rollback()
                return
            _take_in_row(batch, row, actor, now)
            batch.processed += 1
            db.session.commit()
        db.session.expunge_all()
    begin_write()
    batch = lock(ImportBatch, batch_id)
    if batch.state is ImportState.IMPORTING:
        _finish(batch, actor, now)
    db.session.commit()


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


def _check_chunk(
    batch_id: int, template: Template, chunk: list[SheetRow], seen: set[str], actor: Actor, now: datetime
) -> bool:
    """Check some rows in one transaction; False if the batch is no longer waiting for its dry run."""
    areas = divisions.area_codes()
    begin_write()
    batch = lock(ImportBatch, batch_id)
    if batch.state is not ImportState.UPLOADED:
        db.session.rollback()
        return False
    for sheet_row in chunk:
        parsed = parse_row(template, sheet_row, areas=areas)
        state = _judge(parsed, seen, actor, now)
        seen.add(parsed.fingerprint)
        db.session.add(
            ImportRow(
                batch_id=batch_id,
                number=parsed.number,
                state=state,
                parsed=import_rows.as_json(parsed),
                fingerprint=parsed.fingerprint,
            )
        )
        db.session.add_all(_problem(batch_id, problem) for problem in parsed.problems)
        batch.total += 1
        batch.processed += 1
    if batch.total > MOST_ROWS:
        raise SpreadsheetError(f"一次最多导入{MOST_ROWS}行，请分成几个文件")
    db.session.commit()
    db.session.expunge_all()
    return True


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


def _take_in_row(batch: ImportBatch, row: ImportRow, actor: Actor, now: datetime) -> None:
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


def _finish(batch: ImportBatch, actor: Actor, now: datetime) -> None:
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


def _refuse(batch_id: int, why: str) -> None:
    """The file cannot be read: say so, keep none of its rows as good."""
    begin_write()
    batch = lock(ImportBatch, batch_id)
    batch.state, batch.failure = ImportState.REFUSED, why[:500]
    db.session.commit()


def _problem(batch_id: int, problem: RowProblem) -> ImportProblem:
    return ImportProblem(
        batch_id=batch_id,
        row_number=problem.row,
        column=problem.column[:60],
        value=problem.value[:200],
        reason=problem.reason[:300],
        is_error=problem.severity == "error",
    )


def _chunks(rows: Iterable[SheetRow]) -> Iterator[list[SheetRow]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
