"""住房城乡建设部门: one province, 15 first-level bureaus, the county bureaus below them (rule S3)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model
from portal.models.types import Id, word
from portal.models.words import DataLevel, Tier

LEVEL_OF_TIER = {Tier.PROVINCE: DataLevel.A, Tier.CITY: DataLevel.B, Tier.COUNTY: DataLevel.C}


class Bureau(Model):
    """A housing bureau. `code` is its area code, or the local code of the New Area, which has no official one."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    area_name: Mapped[str] = mapped_column(String(40))
    tier: Mapped[Tier] = mapped_column(word(Tier))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("bureau.id"))
    path: Mapped[str] = mapped_column(String(60), unique=True)
    """Ids from the province down, `/1/5/23/`: what begins with it lies at or below this bureau (rule A5)."""
    address: Mapped[str] = mapped_column(String(120), default="")
    telephone: Mapped[str] = mapped_column(String(40), default="")
    sort: Mapped[int] = mapped_column(default=0)

    parent: Mapped[Bureau | None] = relationship(remote_side="Bureau.id")

    @property
    def level(self) -> DataLevel:
        """The data level this bureau's approval gives (rule L1)."""
        return LEVEL_OF_TIER[self.tier]

    @property
    def city_id(self) -> int | None:
        """Id of the first-level bureau it belongs to; its own for a first-level bureau, None for the province."""
        return {Tier.PROVINCE: None, Tier.CITY: self.id, Tier.COUNTY: self.parent_id}[self.tier]


def bureaus_within(path: str) -> Select[int]:
    """Ids of the bureau with this path and of all below it (rule A5)."""
    return select(Bureau.id).where(Bureau.path.startswith(path, autoescape=True))
