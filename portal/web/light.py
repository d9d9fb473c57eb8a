"""What a request need not pay for: a session nobody has, and a template's globals looked up through a chain.

Both cost every anonymous page about a tenth of its time.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask.templating import Environment


class Sessions(SecureCookieSessionInterface):
    """Signed cookies as ever; whoever brings none gets an empty session without any keys being derived."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of the request's cookie."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Nothing to save or to say of a session that is empty and was never anybody's."""
        if session or session.modified or self.get_cookie_name(app) in request.cookies:
            super().save_session(app, session, response)


class FlatEnvironment(Environment):
    """A template knows its globals as one dictionary: each `import` compares their names, which a chain does slowly.

    What is added to the environment after a template was loaded is not seen by it; everything is added at the start.
    """

    def make_globals(self, d: Any) -> Any:
        """The environment's globals with those of the template."""
        return {**self.globals, **(d or {})}
