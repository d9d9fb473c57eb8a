"""What the forms of the public side share."""

from __future__ import annotations

from portal.web.forms import Form


class PublicForm(Form):
    """A form for a visitor without account: no cookie, and so no token against forged requests either.

    There is no session whose rights a forged request could borrow: a filing needs the secret token in its address, a
    look-up the code of its receipt.
    """

    class Meta(Form.Meta):
        csrf = False
