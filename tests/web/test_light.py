"""Our templates are compiled to shorter code than Jinja's own, and say the same."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.templating import Environment
from jinja2 import DictLoader, UndefinedError, pass_context, pass_environment
from markupsafe import Markup

from portal.web.light import FlatEnvironment

MACROS = """
{% macro row(label, value="无", style=none) %}<p class="{{ style or "" }}">{{ label }}：{{ value }}</p>{% endmacro %}
{% macro framed(title) %}<section><h2>{{ title }}</h2>{{ caller() }}</section>{% endmacro %}
{% macro listed() %}{% for item in varargs %}<li>{{ item }}</li>{% endfor %}{{ kwargs | length }}{% endmacro %}
{% macro nested(rows) %}{% for text in rows %}{{ row(text, loop.index) }}{% endfor %}{% endmacro %}
"""
PAGES = {
    "what is given by place, by name, or not at all": """{{ row("<甲>") }}{{ row("乙", style="a", value="&") }}""",
    "a macro around something": """{% call framed("<标题>") %}<b>{{ text }}</b>{{ row("丁") }}{% endcall %}""",
    "as many as there are": """{{ listed("<a>", kind=1, class=2) }}{{ listed(*words) }}{{ row(**{"label": "戊"}) }}""",
    "macros within macros": "{{ nested(words) }}{% for word in words %}{{ row(word, loop.cycle(1, 2)) }}{% endfor %}",
    "the items of a dictionary, and its methods": "{{ said.name }}{{ said.values() | list }}{{ said.item }}",
    "what is not there": "{{ said.nothing }}{{ nothing }}{{ row(nothing) }}{{ text.nothing }}",
    "globals that want the context or the environment": """{% set here = "这里" %}{{ spoken("here") }}{{ kind() }}""",
    "markup as it is, and text escaped": "{{ markup }}{{ text }}{{ text | safe }}{{ 5 }}{{ none }}{{ markup ~ text }}",
    "blocks that name themselves": "{% block title %}<i>{{ text }}</i>{% endblock %}{{ self.title() }}",
}
CONTEXT = {
    "words": ["<一>", "二", "三"],
    "said": {"name": "<名>", "item": 1},
    "text": "<文>",
    "markup": Markup("<em>强</em>"),
}


@pass_context
def spoken(context: Any, name: str) -> Any:
    """A global that looks into the page."""
    return context.resolve(name)


@pass_environment
def kind(environment: Environment) -> str:
    """A global that looks at the environment."""
    return str(environment.autoescape(None) if callable(environment.autoescape) else environment.autoescape)


def rendered(environment: type[Environment], body: str, **context: Any) -> str:
    """What a page with this body says in an environment of this kind."""
    made = environment(Flask(__name__), loader=DictLoader({"macros.html": MACROS, "page.html": body}), autoescape=True)
    made.globals.update(spoken=spoken, kind=kind)
    head = """{% from "macros.html" import row, framed, listed, nested %}"""
    return made.from_string(head + body).render(**context)


@pytest.mark.parametrize("body", PAGES.values(), ids=PAGES)
def test_a_page_says_what_jinja_would_say(body: str) -> None:
    assert rendered(FlatEnvironment, body, **CONTEXT) == rendered(Environment, body, **CONTEXT)


def test_an_item_goes_before_a_method_of_the_same_name() -> None:
    assert rendered(FlatEnvironment, "{{ said.items }}", said={"items": 5}) == "5"
    assert rendered(FlatEnvironment, "{{ said.items() | length }}", said={"name": 5}) == "1"


@pytest.mark.parametrize("body", ["{{ row() }}{{ row(1, 2, 3, 4) }}", "{{ row(1, other=2) }}", "{{ nothing() }}"])
def test_a_wrong_call_is_an_error_as_ever(body: str) -> None:
    with pytest.raises((TypeError, UndefinedError)):
        rendered(FlatEnvironment, body)
