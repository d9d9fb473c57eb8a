"""What a request need not pay for: a session nobody has, a template's globals looked up through a chain, and an object
made of each piece of text that is written out.

Each costs every anonymous page about a tenth of its time.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask.templating import Environment
from jinja2.compiler import CodeGenerator
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]  # the part of it that is C


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


class FlatCode(CodeGenerator):
    """What is written out is escaped to plain text: joined at once, it need not be an object of its own before."""

    def _output_child_pre(self, node: Any, frame: Any, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.written(")


class FlatEnvironment(Environment):
    """A template knows its globals as one dictionary: each `import` compares their names, which a chain does slowly.

    What is added to the environment after a template was loaded is not seen by it; everything is added at the start.
    """

    code_generator_class = FlatCode

    def make_globals(self, d: Any) -> Any:
        """The environment's globals with those of the template."""
        return {**self.globals, **(d or {})}

    @staticmethod
    def written(value: Any) -> str:
        """`value` as it may stand in a page: what `markupsafe.escape` says, which makes a Markup of it each time."""
        kind = type(value)
        if kind is str:
            return _escape_inner(value)
        return value if kind is Markup else escape(value)
