"""Who filed or applied is known to the vault and to nothing else: rule C7."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from flask import Flask

import portal.models  # noqa: F401  (makes every table known)
from portal.domain import filings, identity_vault, intake, objections
from portal.domain.actor import PUBLIC
from portal.domain.filings import Ground, Identity
from portal.domain.intake import Applicant, ChangeRequest
from portal.extensions import Base, db
from portal.models.vault_entry import VaultEntry
from portal.models.words import Channel, IdentityMode, Kind, Role
from tests.builders import MORNING, acting, done, entry, notice
from tests.domain.office import over, sweep

APPLICANT = {"name": "欧阳经办", "phone": "13900001111", "email": "jingban@example.com"}
OBJECTOR = {"name": "司马异议", "phone": "13900002222", "address": "浏阳市某路七号"}
LATECOMER = {"name": "诸葛举报", "phone": "13900003333"}


def dump() -> dict[str, str]:
    """Everything every table holds, as text one can search; bytes as they are."""

    def plain(value: Any) -> str:
        if isinstance(value, bytes | memoryview):
            return bytes(value).decode("utf-8", "replace")
        if isinstance(value, dict | list):
            return json.dumps(value, ensure_ascii=False)
        return str(value)

    return {
        table.name: "\n".join(plain(value) for row in db.session.execute(table.select()) for value in row)
        for table in Base.metadata.sorted_tables
    }


def tell_everything() -> None:
    """An applicant, an objector with a draft, and somebody who came too late, each with a name and a telephone."""
    target, clerk = entry(), acting(Role.CLERK)
    request = ChangeRequest(target.section, target.number, target.origin, {**target.content, "amount": "913.8285"})
    case = done(
        lambda: intake.receive(
            Kind.CORRECTION, target.project, [request], Applicant("某公司", contact=APPLICANT),
            channel=Channel.ONLINE, actor=clerk, now=MORNING,
        )
    )  # fmt: skip
    published = notice(case=case)
    begun = [done(lambda: filings.begin(published.id, now=MORNING)) for _ in range(3)]
    done(
        lambda: filings.keep_draft(
            filings.find_ticket(begun[2]), {"name": OBJECTOR["name"], "phone": OBJECTOR["phone"]}
        )
    )
    for token, person, arrived in ((begun[0], OBJECTOR, MORNING), (begun[1], LATECOMER, published.ends_at)):
        done(
            lambda token=token, person=person, arrived=arrived: objections.file_or_complain(  # type: ignore[misc]
                published.id, token, [Ground("合同金额与公示不符")], Identity(IdentityMode.CONFIDENTIAL, person),
                arrived_at=arrived, actor=PUBLIC, now=arrived,
            )
        )  # fmt: skip
    sweep(over(published))


@pytest.mark.rule("C7", "T1")
def test_no_table_holds_a_name_a_telephone_or_an_address_in_the_clear(app: Flask):
    tell_everything()
    tables = dump()
    assert {"vault_entry", "objection", "complaint", "intake_ticket", "trail_entry"} <= {
        name for name, text in tables.items() if text
    }
    for secret in [*APPLICANT.values(), *OBJECTOR.values(), *LATECOMER.values()]:
        escaped = json.dumps(secret).strip('"')
        assert [name for name, text in tables.items() if secret in text or escaped in text] == []
    people = [identity_vault.look(each) for each in db.session.scalars(db.select(VaultEntry).order_by(VaultEntry.id))]
    assert people == [APPLICANT, OBJECTOR, LATECOMER]


@pytest.mark.rule("C7")
def test_neither_does_any_byte_of_the_database_file(sqlite_app: Flask):
    tell_everything()
    path = Path(str(db.engine.url.database))
    db.session.remove()
    stored = b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))
    assert len(stored) > 100_000
    for secret in [*APPLICANT.values(), *OBJECTOR.values(), *LATECOMER.values()]:
        assert secret.encode() not in stored


@pytest.mark.rule("C7")
def test_the_vault_opens_only_with_its_key_and_notices_a_changed_bit(sqlite_app: Flask):
    kept = done(lambda: identity_vault.keep(dict(OBJECTOR), now=MORNING))
    sealed = db.session.get_one(VaultEntry, kept).sealed
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    with pytest.raises(InvalidTag):
        identity_vault.unseal(changed)
    identity_vault.use_key("another-key-of-sufficient-length-000")
    with pytest.raises(InvalidTag):
        identity_vault.unseal(sealed)
    identity_vault.use_key(sqlite_app.config["PORTAL"].vault_key)
    assert json.loads(identity_vault.unseal(sealed)) == OBJECTOR
    with pytest.raises(ValueError, match="32"):
        identity_vault.use_key("short")


@pytest.mark.rule("C7")
def test_the_same_person_is_a_stranger_each_time(sqlite_app: Flask):
    ids = [done(lambda: identity_vault.keep(dict(OBJECTOR), now=MORNING)) for _ in range(2)]
    first, second = (db.session.get_one(VaultEntry, each) for each in ids)
    assert first.pseudonym != second.pseudonym
    assert first.sealed != second.sealed
