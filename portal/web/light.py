"""What a request need not pay for: a session nobody has, a template's globals looked up through a chain, and an object
made of each piece of text that is written out.

Each costs every anonymous page about a tenth of its time.
"""

from __future__ import annotations

from collections.abc import Callable
from keyword import iskeyword
from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.compiler import CodeGenerator
from jinja2.runtime import Macro
from jinja2.utils import missing
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]  # the part of it that is C


class Sessions(SecureCookieSessionInterface):
    """Signed cookies as ever; whoever brings none gets an empty session without any keys being derived."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of the request's cookie."""
        if self._was_sent(app, request):
            return super().open_session(app, request)
        return self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Nothing to save or to say of a session that is empty and was never anybody's."""
        if session or session.modified or self._was_sent(app, request):
            super().save_session(app, session, response)

    def _was_sent(self, app: Flask, request: Request) -> bool:
        return "HTTP_COOKIE" in request.environ and self.get_cookie_name(app) in request.cookies


def as_it_is(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view or hook to be called: none of ours is a coroutine, which Flask would look for a dozen times a request."""
    return view


class FlatMacro(Macro):
    """A macro that is given its arguments as they stand."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.is_plain = not (self.caller or self.catch_kwargs or self.catch_varargs)
        self.unsaid = (missing,) * self._argument_count

    def __call__(self, *args: Any, **kwargs: Any) -> str:
        """The markup. Arguments by name, a caller, too many of them: as Jinja has it."""
        if self.is_plain and not kwargs and len(args) <= self._argument_count:
            return Markup(self._func(*args, *self.unsaid[len(args) :]))
        return super().__call__(*args, **kwargs)


class FlatCode(CodeGenerator):
    """Calls are calls, and what is written out is escaped to plain text: joined at once, it need be no object before.

    Jinja asks each thing it calls whether it wants the context, the environment or neither. Here only filters and
    globals may want any.
    """

    def macro_def(self, macro_ref: Any, frame: Any) -> None:
        """A macro of our own kind."""
        self.write("environment.")
        super().macro_def(macro_ref, frame)

    def visit_Call(self, node: nodes.Call, frame: Any, forward_caller: bool = False) -> None:
        """What is no global is called as it is."""
        names = [named.key for named in node.kwargs]
        is_global = isinstance(node.node, nodes.Name) and hasattr(
            self.environment.globals.get(node.node.name), "jinja_pass_arg"
        )
        if is_global or forward_caller or node.dyn_args or node.dyn_kwargs or any(map(iskeyword, names)):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for argument in [*node.args, *node.kwargs]:
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")

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
    Macro = FlatMacro

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.known: dict[str, Template] = {}

    def get_template(self, name: Any, parent: Any = None, globals: Any = None) -> Template:  # noqa: A002 as it is called
        """A template that was loaded before, found by its name; a page asks for a dozen."""
        if globals is not None or type(name) is not str or self.auto_reload:
            return super().get_template(name, parent, globals)
        found = self.known.get(name)
        if found is None:
            found = self.known[name] = super().get_template(name, parent)
        return found

    def make_globals(self, d: Any) -> Any:
        """The environment's globals with those of the template."""
        return {**self.globals, **(d or {})}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The attribute, or item, of this name; of a dictionary its item, which it is asked for, first."""
        try:
            return obj[attribute] if type(obj) is dict else getattr(obj, attribute)
        except (AttributeError, KeyError):
            return super().getattr(obj, attribute)

    @staticmethod
    def written(value: Any) -> str:
        """`value` as it may stand in a page: what `markupsafe.escape` says, which makes a Markup of it each time."""
        kind = type(value)
        if kind is str:
            return _escape_inner(value)
        return value if kind is Markup else escape(value)
