"""Settings from the environment, typed. A missing secret stops the start; a default is both valid in production and
safe to publish.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MEBIBYTE = 2**20


class ConfigurationError(RuntimeError):
    """The environment lacks something or contradicts itself; the message says what to set."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an installation can choose."""

    database_url: str
    secret_key: str
    vault_key: str
    receipt_key: str
    """Signs receipts (rule T6)."""
    storage_url: str
    demo: bool = False
    demo_clock_file: Path | None = None
    testing: bool = False
    secure_cookies: bool = True
    cheap_passwords: bool = False
    """Hash passwords with next to no effort: for tests, which open accounts by the hundred."""
    page_cache_seconds: float = 5.0
    """How long an anonymous page's bytes are kept; 0 keeps nothing."""
    counts_seconds: float = 60.0
    """How old the numbers beside the choices of the notice list may be."""
    idle_minutes: int = 10
    largest_file: int = 20 * MEBIBYTE
    largest_request: int = 60 * MEBIBYTE
    clamd: str = ""
    """Address of a virus scanner that speaks the clamd protocol (tcp://host:3310 or unix:///path); empty: none."""
    trusted_proxies: int = 0
    """How many proxies of ours stand in front and tell the visitor's address."""
    smtp_url: str = ""
    mail_from: str = ""
    site_url: str = ""
    """Where the portal is found, such as https://gs.example.gov.cn: for links that leave it, in letters and feeds."""
    site_host: str = "湖南省住房和城乡建设厅"
    site_code: str = ""
    site_icp: str = ""
    retired_receipt_keys: tuple[str, ...] = ()
    """Verifier keys under which receipts were signed before; those receipts stay good."""

    @classmethod
    def from_environment(cls) -> Settings:
        """Read DATABASE_URL and the PORTAL_ variables; raises ConfigurationError naming what is missing."""
        read = os.environ.get
        demo = read("PORTAL_DEMO", "") == "1"
        state = Path(read("PORTAL_STATE", str(ROOT / "instance")))
        state.mkdir(parents=True, exist_ok=True)
        return cls(
            database_url=database_url(read("DATABASE_URL") or f"sqlite:///{state / 'portal.sqlite'}"),
            secret_key=_secret("PORTAL_SECRET_KEY"),
            vault_key=_secret("PORTAL_VAULT_KEY"),
            receipt_key=_secret("PORTAL_RECEIPT_KEY"),
            storage_url=read("PORTAL_STORAGE_URL") or (state / "files").absolute().as_uri(),
            demo=demo,
            demo_clock_file=state / "demo-clock.json" if demo else None,
            secure_cookies=not demo,
            page_cache_seconds=float(read("PORTAL_PAGE_CACHE_SECONDS", "1" if demo else "5")),
            counts_seconds=float(read("PORTAL_COUNTS_SECONDS", "1" if demo else "60")),
            clamd=read("PORTAL_CLAMD", ""),
            trusted_proxies=int(read("PORTAL_TRUSTED_PROXIES", "0")),
            smtp_url=read("PORTAL_SMTP_URL", ""),
            mail_from=read("PORTAL_MAIL_FROM", ""),
            site_url=read("PORTAL_SITE_URL", "").rstrip("/"),
            site_host=read("PORTAL_SITE_HOST", "湖南省住房和城乡建设厅"),
            site_code=read("PORTAL_SITE_CODE", ""),
            site_icp=read("PORTAL_SITE_ICP", ""),
            retired_receipt_keys=tuple(read("PORTAL_RETIRED_RECEIPT_KEYS", "").split()),
        )

    @classmethod
    def for_tests(cls, database_url_: str, folder: Path, **more: Any) -> Settings:
        """A small installation of its own in `folder`."""
        return cls(
            database_url=database_url(database_url_),
            secret_key="tests-" + "k" * 32,
            vault_key="tests-" + "v" * 32,
            receipt_key="tests-" + "r" * 32,
            storage_url=(folder / "files").absolute().as_uri(),
            **{
                "testing": True,
                "secure_cookies": False,
                "cheap_passwords": True,
                "page_cache_seconds": 0.0,
                "counts_seconds": 0.0,
                **more,
            },
        )

    @property
    def receipt_key_name(self) -> str:
        """Under which name receipts are signed: the portal's host, which says whose they are."""
        host = self.site_url.partition("://")[2].partition("/")[0]
        return f"{host or 'portal'}/receipts"

    def as_flask(self) -> dict[str, Any]:
        """The settings the libraries read from Flask's own configuration."""
        return {
            "SECRET_KEY": self.secret_key,
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "TESTING": self.testing,
            "MAX_CONTENT_LENGTH": self.largest_request,
            "MAX_FORM_MEMORY_SIZE": 2 * MEBIBYTE,
            "MAX_FORM_PARTS": 500,
            "SESSION_COOKIE_SECURE": self.secure_cookies,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "WTF_CSRF_TIME_LIMIT": None,
            "PORTAL": self,
        }


def database_url(text: str) -> str:
    """A database address with the driver we use, whichever way it was written."""
    for old in ("postgres://", "postgresql://"):
        if text.startswith(old):
            return "postgresql+psycopg://" + text.removeprefix(old)
    return text


def _secret(name: str) -> str:
    secret = os.environ.get(name, "")
    if len(secret) < 32:
        raise ConfigurationError(f"{name} must be set to at least 32 random characters")
    return secret
