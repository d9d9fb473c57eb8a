"""Staff accounts (rules A3, A4, A5). Their names are official, not private: an officer acts in public office."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model, UtcDateTime
from portal.models.bureau import Bureau
from portal.models.types import Id
from portal.models.words import Role


class Account(Model):
    """One officer's account in one bureau."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    display_name: Mapped[str] = mapped_column(String(40))
    department: Mapped[str] = mapped_column(String(60), default="")
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"), index=True)
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    password_hash: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    session_key: Mapped[str | None] = mapped_column(String(64))
    """The one live session; signing in elsewhere ends it."""
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    bureau: Mapped[Bureau] = relationship(lazy="joined", innerjoin=True)

    # the four questions the sign-in library asks of an account
    is_authenticated: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False

    @property
    def is_active(self) -> bool:
        """A deactivated account has no session."""
        return self.active

    def get_id(self) -> str:
        """What the session remembers: account and live session, so that either can be ended."""
        return f"{self.id}:{self.session_key}"

    @property
    def role_set(self) -> frozenset[Role]:
        """The duties as words."""
        return frozenset(Role(role) for role in self.roles)
