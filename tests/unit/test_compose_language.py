"""The template language: what it allows, what it refuses, and what it says to write instead."""

from __future__ import annotations

import re
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.compose.lint import receipt_checks
from campaign.compose.messages import letter, receipt
from campaign.compose.rendering import language, render
from campaign.compose.rendering.release import from_folder
from campaign.config import ROOT
from campaign.errors import CampaignError
from campaign.states import Proof
from tests.unit.compose_samples import ASK, BEFORE, LETTER, SHIPPED, ask, message, seat, small

HOSTILE = {
    "a walk to the class": "{{ first_name.__class__ }}",
    "a walk to all classes": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "a class by its key": "{{ first_name['__class__'] }}",
    "a class of the bill": "{{ bill.__init__.__globals__ }}",
    "an undocumented attribute": "{{ bill._bill }}",
    "a global of Jinja": "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "itself": "{{ self.__init__ }}",
    "a call": "{{ action_url() }}",
    "a call of a method": "{{ locale.upper() }}",
    "format": "{{ '{0.__class__}'.format(bill) }}",
    "range": "{{ range(10**9) }}",
    "a loop": "{% for x in wave %}{{ x }}{% endfor %}",
    "an endless loop": "{% for x in range(999999999) %}{% for y in range(999999999) %}x{% endfor %}{% endfor %}",
    "a filter": "{{ first_name|upper }}",
    "a filter that escapes nothing": "{{ first_name|safe }}",
    "a filter with arguments": "{{ first_name|replace('a', 'b') }}",
    "a filter block": "{% filter safe %}{{ first_name }}{% endfilter %}",
    "a huge text": "{{ 'a' * 1000000000 }}",
    "a huge number": "{{ 9**9**9 }}",
    "a set": "{% set x = 1 %}",
    "a block set": "{% set x %}text{% endset %}",
    "an include": "{% include 'letter/house/en.txt' %}",
    "an import": "{% import 'letter/house/en.txt' as x %}",
    "a from import": "{% from 'letter/house/en.txt' import x %}",
    "a macro": "{% macro x() %}{% endmacro %}",
    "a call block": "{% call x() %}{% endcall %}",
    "a with": "{% with x = 1 %}{{ x }}{% endwith %}",
    "autoescape off": "{% autoescape false %}{{ first_name }}{% endautoescape %}",
    "super": "{% block a %}{{ super() }}{% endblock %}",
    "an inline if on the person": "{{ 'x' if first_name else 'y' }}",
    "a test": "{% if locale is defined %}{% endif %}",
    "a containment test": "{% if 'e' in locale %}{% endif %}",
    "arithmetic in a branch": "{% if 9**9**9 %}{% endif %}",
    "a fact by a computed key": "{{ fact[locale] }}",
    "a fact by a key in brackets": "{{ fact['one'] }}",
    "a fact's other attribute": "{{ fact.one.text.__class__ }}",
    "a joining": "{{ first_name ~ last_name }}",
    "a list": "{{ [1, 2] }}",
    "extends by a name": "{% extends locale %}",
    "extends a file of the system": "{% extends '/etc/passwd' %}",
    "extends in a branch": "{% if bill.alive %}{% extends 'letter/_en.txt' %}{% endif %}",
    "a tag's delimiter": "[%t1%]",
    "a tag's delimiter in raw text": "{% raw %}[%h1%]{% endraw %}",
    "deep nesting": "{% if locale %}" * 21 + "{% endif %}" * 21,
    "deeper nesting": "{% if locale %}" * 1500 + "{% endif %}" * 1500,
    "a deep condition": "{% if " + "not " * 30 + "locale %}{% endif %}",
    "very many brackets": "{{ " + "(" * 20_000 + ")" * 20_000 + " }}",
    "a very large file": "a" * (64 * 1024 + 1),
    "very many elifs": "{% if locale %}" + "{% elif locale %}" * 3000 + "{% endif %}",
    "a very long condition": "{% if locale" + " or locale" * 5000 + " %}{% endif %}",
    "a very long number": "{% if " + "9" * 5000 + " %}{% endif %}",
    "half a tag": "{% if locale %}",
    "a person in a branch": "{% if first_name %}Hi{% endif %}",
    "a person compared": "{% if bill.alive and (locale == last_name) %}{% endif %}",
    "a fact in a branch": "{% if fact.one %}{% endif %}",
}


PIECES = re.findall(
    r"\S+|\s",
    "{{ {% {# }} %} #} {%- -%} if elif else endif block endblock extends raw endraw for in set a locale bill.alive "
    "first_name fact ['one'] . _ ( ) [ ] \" ' | + - * == and not is [% %] \x00 é 9 ~ , : \\ \n",
)


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_template_is_refused_and_never_compiled(source: str) -> None:
    found = language.check(ASK, message(source), facts=["one"])
    assert found
    assert all(ASK in problem.where for problem in found)
    with pytest.raises(CampaignError):
        render.skeleton(from_folder(small(ask(source))), "en", "", "first", BEFORE)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_no_source_makes_the_check_fall_over(source: str) -> None:
    for problem in language.check(ASK, message(source), facts=["one"]):
        assert problem.where.startswith(ASK)


def test_the_whole_language_is_allowed() -> None:
    names = "".join(f"{{{{ {name} }}}}" for name in (*language.SHARED, *language.PERSON))
    source = (
        "{# a comment #}"
        + names
        + '{% if not bill.alive and locale == "es" or variant != "" %}{{ fact.one }}{% elif unknown_locale %}'
        + "{{ fact.one.cite }}{% else %}{% block a %}text{% endblock %}{% endif %}"
    )
    assert language.check(ASK, message(source), facts=["one"]) == []


def test_every_documented_name_is_served() -> None:
    body = "".join(f"{{{{ {name} }}}}\n" for name in (*language.SHARED, *language.PERSON))
    made = render.skeleton(from_folder(small(ask(body))), "en", "", "first", BEFORE)
    assert {field for _tag, field, _html in made.tags} == set(language.PERSON)
    assert "January 3" in made.text
    assert "True" in made.text


@pytest.mark.parametrize(
    ("source", "line", "says"),
    [
        ("\n\n{% if first_name %}Hi{% endif %}", 3, "Print {{ greeting }}"),
        ("a\n{{ greting }}", 2, "Did you mean greeting?"),
        ("{{ fact.on }}", 1, "Did you mean one?"),
        ("{{ fact.on.cite }}", 1, "Did you mean one?"),
        ("{{ fact.one.text }}", 1, "not in the template language"),
        ("{{ bill.sponsor }}", 1, "bill"),
        ("a\nb [% c", 2, "Leave it out"),
        ("{{ 'a' if locale else 'b' }}", 1, "{% if ... %}"),
    ],
)
def test_a_finding_says_file_line_and_what_to_write(source: str, line: int, says: str) -> None:
    (found,) = language.check(ASK, message(source), facts=["one"])
    assert found.where == f"{ASK} line {line + 4}"
    assert says in f"{found.what} {found.do}"


@pytest.mark.parametrize(
    ("path", "source", "says"),
    [
        ("letter/house.en.txt", "{{ first_name }}", "no name is called 'first_name'"),
        ("letter/house.en.txt", "{% if variant == 'house' %}{% endif %}", "no shared name is called 'variant'"),
        ("letter/_en.txt", "{{ action_url }}", "no name is called 'action_url'"),
        ("ask/x.txt", "{% if member.opposed %}{% endif %}", "no shared name is called 'member.opposed'"),
        ("receipt/sent.txt", "{% if status_url %}{% endif %}", "branches on status_url"),
        ("receipt/sent.txt", "{{ fact.one }}", "no fact is called 'one'"),
        ("receipt/moved.txt", "{% if code %}{% endif %}", "branches on code"),
    ],
)
def test_each_kind_of_template_has_names_of_its_own(path: str, source: str, says: str) -> None:
    (found,) = language.check(path, source, facts=["one"])
    assert says in found.what


def test_every_documented_name_of_letters_is_served() -> None:
    names = "".join(f"{{{{ {name} }}}}\n" for name in language.LETTER)
    acts = SHIPPED.files["sponsors.toml"]
    folder = small({"letter/house.en.txt": LETTER.replace("{{ fact.one }}", names), "sponsors.toml": acts})
    text = letter.draft(from_folder(folder), "house", "en", seat("H:TX:21", "R000614"), BEFORE)
    for shown in ("Neighbors & Friends", "H.R. 1", "January 3", "TX", "True", "S. 1336", "2021"):
        assert shown in text.english.statement


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("sent", (*language.RECEIPT, *language.RECEIPT_PERSON)),
        ("moved", (*language.COMMON, *language.CONFIRM_PERSON)),
        ("six-weeks", (*language.COMMON, *language.QUESTION_PERSON)),
    ],
)
def test_every_documented_name_of_the_emails_about_letters_is_served(name: str, names: tuple[str, ...]) -> None:
    body = "".join(f"x {{{{ {name} }}}}\n\n" for name in names).replace("x {{ lines }}", "{{ lines }}")
    frozen = from_folder(small({f"receipt/{name}.en.md": message(body)}))
    if name == "sent":
        made = receipt_checks.sample_receipt(frozen, "en", [receipt.ReceiptLine(seat(), Proof.SENT)], BEFORE)
    else:
        sample = receipt_checks.sample_confirm if name == "moved" else receipt_checks.sample_question
        made = sample(frozen, "en", BEFORE)
    assert len(made.text.strip().split("\n\n")) == len(names)


def test_the_documentation_describes_every_name_and_no_other() -> None:
    described = re.findall(r"^\| `\{\{ ([\w.]+) \}\}` \|", (ROOT / "docs/message-fields.md").read_text("utf-8"), re.M)
    groups = (language.SHARED, language.PERSON, language.CALL, language.RECEIPT, language.RECEIPT_PERSON)
    others = (language.CONFIRM_PERSON, language.QUESTION_PERSON, language.OFFICE_MAIL)
    assert set(described) == {*chain(*groups, *others)}
