"""身份保险库: the only opener of personal data (rule C7). Cases and trail carry a pseudonym."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import update

from portal.domain.receipts import ALPHABET
from portal.extensions import db, insert
from portal.models.vault_entry import VaultEntry

_sealer: AESGCM | None = None
_print_key = b""


def use_key(key: str) -> None:
    """Set the vault's key: at least 32 characters from the environment, the same for all processes."""
    global _print_key, _sealer
    if len(key) < 32:
        raise ValueError("the vault key needs at least 32 characters")
    _sealer = AESGCM(hashlib.sha256(key.encode()).digest())
    _print_key = hashlib.sha256(b"fingerprint" + key.encode()).digest()


def seal(data: bytes) -> bytes:
    """Encrypt and authenticate `data` (AES-256-GCM, fresh nonce in front)."""
    nonce = secrets.token_bytes(12)
    return nonce + _opened().encrypt(nonce, data, None)


def unseal(sealed: bytes) -> bytes:
    """What `seal` was given. Raises InvalidTag if a bit was changed or the key is another."""
    return _opened().decrypt(sealed[:12], sealed[12:], None)


def keep(person: dict[str, str], *, now: datetime) -> int:
    """Seal name, phone, address or e-mail of a filer or applicant under a fresh pseudonym. Returns the entry's id."""
    return insert(
        VaultEntry,
        pseudonym="".join(secrets.choice(ALPHABET) for _ in range(10)),
        sealed=seal(json.dumps(person, ensure_ascii=False).encode()),
        created_at=now,
    )


def look(entry: VaultEntry) -> dict[str, str]:
    """The person behind a pseudonym. For sending what he asked for; a look by an officer needs more (rule C7)."""
    person: dict[str, str] = json.loads(unseal(entry.sealed))
    return person


def forget(entry_id: int) -> None:
    """Take the person out of an entry that others still refer to: what is left names nobody."""
    db.session.execute(update(VaultEntry).where(VaultEntry.id == entry_id).values(sealed=seal(b"{}")))


def fingerprint(text: str) -> str:
    """The same for the same text, and of no use to anybody without the vault's key: recognises without telling."""
    _opened()
    return hmac.new(_print_key, text.encode(), "sha256").hexdigest()


def fresh_key() -> str:
    """A key for a new installation."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _opened() -> AESGCM:
    if _sealer is None:
        raise RuntimeError("the vault has no key yet")
    return _sealer
