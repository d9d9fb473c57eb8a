"""Which addresses a letter can be sent to: everything else is refused before it is stored."""

from __future__ import annotations

import pytest

from portal.domain import mail_addresses
from portal.domain.errors import RuleViolation


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("  a.b+c@Example.COM ", "a.b+c@example.com"),
        ("ｎａｍｅ＠ｅｘａｍｐｌｅ．ｃｏｍ", "name@example.com"),
        ("name@例子.中国", "name@xn--fsqu00a.xn--fiqs8s"),
        ("name@例子。中国", "name@xn--fsqu00a.xn--fiqs8s"),
        ("o'neil_1@mail-2.example.org", "o'neil_1@mail-2.example.org"),
    ],
)
def test_an_address_is_understood_as_it_is_typed_in_china(typed: str, meant: str):
    assert mail_addresses.checked(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "", "@", "name", "name@", "@example.com", "name@localhost", "name@[127.0.0.1]", "name@-a.com", "name@a..com",
        "a..b@example.com", ".a@example.com", "a@example.com.", "a b@example.com", '"a b"@example.com',
        "邮箱@example.com", "name@example.com\r\nBcc: other@example.com", "name@example.com\nX: y",
        "name\n@example.com",        "name@example.com, other@example.com", "name@example.com;other@example.com",
        "Name <name@example.com>",
        "=?utf-8?q?a=0d=0aBcc:x?=@example.com", "a%b@example.com", "a!b@example.com", "a|b@example.com",
        "a@example.com\u2028Bcc: x", "a@exa\u202emple.com", "a@b_c.de", "a@" + "b" * 64 + ".com",
        "a" * 65 + "@example.com",
        "a@" + "b." * 130 + "com", "a" * 100_000 + "@example.com", "ﷺ" * 200 + "@example.com",
        "a@b@example.com",
    ],
)  # fmt: skip
def test_an_address_that_could_carry_more_than_an_address_is_refused(typed: str):
    with pytest.raises(RuleViolation) as caught:
        mail_addresses.checked(typed)
    assert (caught.value.field, caught.value.status) == ("address", 422)
    assert "example.com 的样子" in caught.value.message


def test_spellings_of_one_mailbox_are_one():
    spellings = ("reader@example.com", "Reader@EXAMPLE.com", "reader+news@example.com")
    assert {mail_addresses.mailbox(each) for each in spellings} == {"reader@example.com"}
    assert mail_addresses.mailbox("+a@example.com") == "+a@example.com"
