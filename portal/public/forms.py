"""What the forms of the public side share."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict
from wtforms.meta import DefaultMeta

from portal.web.bad_input import readable


class PublicForm(FlaskForm):
    """A form for a visitor without account: no cookie, and so no token against forged requests either.

    There is no session whose rights a forged request could borrow: a filing needs the secret token in its address, a
    look-up the code of its receipt. `status` is the HTTP status of the page that shows the form's errors.
    """

    status = 422

    class Meta:
        csrf = False
        locales = ("zh",)

        def get_translations(self, form: Any) -> Any:
            """The form library's own Chinese words."""
            return DefaultMeta.get_translations(self, form)

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Every text is cleaned of what nobody sees."""
            return unbound_field.bind(form=form, filters=[_readable], **options)

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """The submitted form and its files; any other kind of body counts as an empty form."""
            return CombinedMultiDict((request.files, request.form)) if request.method == "POST" else None


def _readable(value: Any) -> Any:
    return readable(value) if isinstance(value, str) else value
