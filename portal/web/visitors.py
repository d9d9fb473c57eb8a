"""Where a request comes from, as far as a limit needs to know: a keyed hash that means nothing tomorrow."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress

from flask import request

from portal import clock
from portal.web.access import settings

SUBSCRIBER = 64
"""Leading bits of an IPv6 address that belong to one subscriber."""


def address_key() -> str:
    """The key under which this visitor's doings are counted today."""
    return key_of(request.remote_addr or "")


def key_of(address: str) -> str:
    """The same for a written address; an IPv6 one counts with all others of its subscriber."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        known = address[:60]
    else:
        mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
        parsed = mapped or parsed
        prefix = SUBSCRIBER if parsed.version == 6 else parsed.max_prefixlen
        known = str(ipaddress.ip_network((parsed, prefix), strict=False))
    said = f"{clock.today().isoformat()} {known}".encode()
    return hmac.new(settings().secret_key.encode(), said, hashlib.sha256).hexdigest()
