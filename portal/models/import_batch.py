"""批量导入: one uploaded spreadsheet, its rows and what was wrong with them (rule S8)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model, UtcDateTime
from portal.models.account import Account
from portal.models.types import Id, word
from portal.models.words import Word


class ImportState(Word):
    """How far the batch is."""

    UPLOADED = "uploaded", "待试导入"
    CHECKED = "checked", "已试导入"
    IMPORTING = "importing", "正在导入"
    DONE = "done", "导入完成"
    REFUSED = "refused", "文件无法读取"


class RowState(Word):
    """What became of a row."""

    GOOD = "good", "可导入"
    BAD = "bad", "有错误"
    DUPLICATE = "duplicate", "重复"
    IMPORTED = "imported", "已导入"


class ImportBatch(Model):
    """One spreadsheet handed in by one officer."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    template: Mapped[str] = mapped_column(String(20))
    """Value of `domain.spreadsheets.Template`."""
    state: Mapped[ImportState] = mapped_column(word(ImportState))
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    store_key: Mapped[str] = mapped_column(String(120))
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"), index=True)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    total: Mapped[int] = mapped_column(default=0)
    processed: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str] = mapped_column(String(500), default="")

    uploaded_by: Mapped[Account] = relationship()


class ImportRow(Model):
    """One cleaned row."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    number: Mapped[int]
    """As Excel counts it."""
    state: Mapped[RowState] = mapped_column(word(RowState))
    parsed: Mapped[dict[str, object]] = mapped_column(JSON)
    fingerprint: Mapped[str] = mapped_column(String(64))
    result: Mapped[str] = mapped_column(String(60), default="")
    """Number of the application or record entry it became."""

    __table_args__ = (
        UniqueConstraint("batch_id", "number"),
        Index("ix_import_row_state", "batch_id", "state", "id"),
    )


class ImportProblem(Model):
    """What is wrong with one cell: row, column, value, reason (rule S8)."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    row_number: Mapped[int]
    column: Mapped[str] = mapped_column(String(60))
    value: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(300))
    is_error: Mapped[bool]

    __table_args__ = (Index("ix_import_problem_list", "batch_id", "id"),)
