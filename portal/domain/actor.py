"""Who acts: an account with its duties, the public, or the system. A parameter of every verb, never ambient."""

from __future__ import annotations

from dataclasses import dataclass, field

from portal.models.words import Role, Tier


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as what, for which bureau.

    name: stable reference for the trail, such as `staff:zhangsan`, `system:scheduler`, `public`; never a person's name.
    bureau_path: materialised path of the bureau (`/1/5/23/`); the actor sees what lies at or below it (rule A5).
    """

    name: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    user_id: int | None = None
    bureau_id: int | None = None
    bureau_code: str | None = None
    bureau_path: str | None = None
    tier: Tier | None = None

    @property
    def account_id(self) -> int:
        """Id of the officer's account. Raises LookupError for the public and the system, who have none."""
        if self.user_id is None:
            raise LookupError(f"{self.name} has no account")
        return self.user_id

    def has(self, *roles: Role) -> bool:
        """True if the actor holds one of `roles`."""
        return bool(self.roles.intersection(roles))


PUBLIC = Actor("public")
SYSTEM = Actor("system:scheduler", frozenset({Role.SYSTEM}))
