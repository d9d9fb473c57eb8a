"""What the forms of the public side share."""

from __future__ import annotations

from wtforms.validators import Length

from portal.domain import texts
from portal.web.forms import Form


class PublicForm(Form):
    """A form for a visitor without account: no cookie, and so no token against forged requests either.

    There is no session whose rights a forged request could borrow: a filing needs the secret token in its address, a
    look-up the code of its receipt.
    """

    class Meta(Form.Meta):
        csrf = False


def at_most(length: texts.Length) -> Length:
    """No longer than the verb takes."""
    return Length(max=length.longest, message=length.too_long)
