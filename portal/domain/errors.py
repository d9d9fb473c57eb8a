"""What a verb says when it refuses. Each message is fit to show to the person who asked."""

from __future__ import annotations


class RuleViolation(Exception):
    """A rule forbids what was asked. `rule` is its id, `field` the form field at fault, if one is."""

    rule = ""
    status = 422

    def __init__(self, message: str, *, rule: str = "", field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.rule = rule or self.rule
        self.field = field


class NotAllowedNow(RuleViolation):
    """The thing is in a state in which this cannot be done."""

    status = 409


class NotAllowed(RuleViolation):
    """This person may not do this (rules A3, A4)."""

    status = 403


class NotFound(RuleViolation):
    """It does not exist, or lies outside the actor's bureau: nobody can tell which (rule A5)."""

    status = 404


class WindowClosed(NotAllowedNow):
    """The notice window is over: the filing becomes a complaint instead (rules O1, O9)."""

    rule = "O1"


class Stale(NotAllowedNow):
    """Somebody else changed the thing meanwhile."""
