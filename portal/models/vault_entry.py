"""身份保险库: names, phones and addresses of filers and applicants, sealed, apart from every case (rule C7)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model, UtcDateTime
from portal.models.types import Id


class VaultEntry(Model):
    """Sealed personal data. Only `domain.identity_vault` opens it."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    pseudonym: Mapped[str] = mapped_column(String(20), unique=True)
    """What handlers see instead."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
