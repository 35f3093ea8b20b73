"""Split rendering equals plain rendering, byte for byte, whatever the people and the templates are."""

from __future__ import annotations

import random
import string
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint import ask_checks
from campaign.compose.rendering import fields, language, render
from campaign.compose.rendering.release import from_folder
from campaign.compose.rendering.render import Skeleton
from campaign.errors import CampaignError
from campaign.model import Text
from tests.unit.compose_samples import BEFORE, SHIPPED, SWITCH, ask, recipient, small

NONCE = "5e1f0c77"


def put_in(made: Skeleton, person: Mapping[str, str], seed: int) -> Text:
    """What a provider does, naively: replace each tag by its value, in any order."""
    found = render.values(made, person)
    if render.is_odd(found):
        made = render.rekey(made, NONCE)
        found = render.values(made, person)
    order = list(found.items())
    random.Random(seed).shuffle(order)
    parts = [made.subject, made.text, made.html]
    for tag, value in order:
        parts = [part.replace(tag, value) for part in parts]
    return Text(*parts)


_tags = st.builds("[%{}{}%]".format, st.sampled_from("th"), st.integers(1, len(language.PERSON)))
_nasty = st.sampled_from(
    ["", "[%", "%]", "[", "%", "]", "t1", "[%t1", "h3%]", "[[%t1%]]", f"[%{NONCE[:5]}", "{{ 7*7 }}", "\\1", "$1"]
) | st.sampled_from(["<b>", "&amp;", '"', "'", "\r\n", "\x00", "\u202e", "🌻", "محمد"])
_words = st.lists(st.one_of(_tags, _nasty, st.text(max_size=4)), max_size=3).map("".join)
_safe_url = st.text(string.ascii_letters + string.digits + "-._~:/?#@!$()*+,;=%[]", max_size=20)
_people = st.fixed_dictionaries(
    {field: _safe_url if field in render.LINKS else _words for field in language.PERSON}
)  # fields as they are, odder than `fields.person` ever makes them

_literal = st.text("ab <>&'\"\n[]%t1h3.#-", max_size=8)
_printed = st.sampled_from([*language.PERSON] * 3 + [*language.SHARED, "fact.one", "fact.one.cite"]).map(
    lambda name: f"{{{{ {name} }}}}"
)
_name = st.sampled_from([name for name in language.SHARED if name.split(".")[0] != "bill"] + ["bill.alive"])
_atom = st.one_of(
    _name,
    st.tuples(_name, st.sampled_from(["==", "!="]), st.sampled_from(['"en"', '""', "true", '"unknown-locale"'])).map(
        " ".join
    ),
)
_condition = st.recursive(
    _atom,
    lambda inner: st.one_of(
        inner.map("not ({})".format),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map("({0[0]} {0[1]} {0[2]})".format),
    ),
    max_leaves=3,
)


def _join(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    sequence = st.lists(inner, max_size=4).map("".join)
    branch = st.tuples(_condition, sequence, _condition, sequence, sequence, st.sampled_from(["\n", ""])).map(
        lambda t: f"{{% if {t[0]} %}}{t[5]}{t[1]}{{% elif {t[2]} %}}{t[3]}{{% else %}}{t[4]}{t[5]}{{% endif %}}{t[5]}"
    )
    return st.one_of(sequence, branch)


_any = st.recursive(st.one_of(_literal, _printed), _join, max_leaves=12)
_template = st.tuples(_any, _printed, _any).map("".join)


def _folder(subject: str, text: str, html: str) -> Folder:
    return small({"ask/en/subject.txt": subject, "ask/en/body.txt": text, "ask/en/body.html": html})


@settings(max_examples=200)
@given(
    _template,
    _template,
    _template,
    st.lists(_people, min_size=1, max_size=3),
    st.integers(),
    st.sampled_from(render.VARIANTS),
)
def test_split_rendering_equals_plain_rendering(
    subject: str, text: str, html: str, people: list[dict[str, str]], seed: int, variant: str
) -> None:
    release = from_folder(_folder(subject, text, html))
    try:
        made = render.skeleton(release, "ask", "en", variant, "first", BEFORE)
    except CampaignError as error:
        told = str(error)
        made = None
    if made is None:  # pieces of a tag, apart in the template: refused before anybody gets it
        assert "marks a person's field" in told
        return
    for person in people:
        assert put_in(made, person, seed) == render.plain(release, "ask", "en", variant, "first", BEFORE, person)


@pytest.mark.parametrize("seed", range(4))
def test_a_name_that_is_another_names_tag_stays_a_name(seed: int) -> None:
    release = from_folder(small(ask("{{ first_name }} {{ last_name }}")))
    made = render.skeleton(release, "ask", "en", "", "first", BEFORE)
    person = {**dict.fromkeys(language.PERSON, ""), "first_name": "[%t2%][%h2%]", "last_name": "[%t1%][%h1%]"}
    assert put_in(made, person, seed).text == "[%t2%][%h2%] [%t1%][%h1%]"
    assert put_in(made, person, seed) == render.plain(release, "ask", "en", "", "first", BEFORE, person)


@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("variant", render.VARIANTS)
@pytest.mark.parametrize("now", [BEFORE, SWITCH])
def test_the_shipped_texts_are_equal_too_for_odd_people(locale: str, variant: str, now: int) -> None:
    release = from_folder(SHIPPED)
    made = render.skeleton(release, "ask", locale, variant, "first", now)
    for seed, (_label, person) in enumerate(ask_checks.odd_people(locale)):
        assert put_in(made, person, seed) == render.plain(release, "ask", locale, variant, "first", now, person)


def test_html_is_escaped_in_html_and_only_there() -> None:
    made = render.skeleton(
        from_folder(small(ask("{{ first_name }}{{ action_url }}"))), "ask", "en", "", "first", BEFORE
    )
    found = render.values(made, {**dict.fromkeys(language.PERSON, ""), "first_name": "<b>O'B</b>", "action_url": "/a"})
    assert sorted(found.items()) == [
        ("[%h1%]", "&lt;b&gt;O&#39;B&lt;/b&gt;"),
        ("[%t1%]", "<b>O'B</b>"),
        ("[%t4%]", "/a"),
    ]
    assert all(type(value) is str for value in found.values())


def test_a_link_that_html_would_change_is_refused_in_words() -> None:
    made = render.skeleton(from_folder(small()), "ask", "en", "", "first", BEFORE)
    person = fields.person(recipient(), "en", action_url="https://a.test/?a=1&b=2", unsubscribe_url="https://a.test/u")
    with pytest.raises(CampaignError, match="action_url"):
        render.values(made, person)


def test_text_that_would_form_a_tag_around_empty_names_is_refused() -> None:
    release = from_folder(small(ask("[{{ first_name }}%t1{{ last_name }}%{{ first_name }}] {{ greeting }}")))
    with pytest.raises(CampaignError, match="marks a person's field"):
        render.skeleton(release, "ask", "en", "", "first", BEFORE)


def test_a_fact_that_holds_a_delimiter_is_refused() -> None:
    facts = small().files["facts.toml"].replace("One & only", "[%t1%]")
    with pytest.raises(CampaignError, match="marks a person's field"):
        render.skeleton(from_folder(small({"facts.toml": facts})), "ask", "en", "", "first", BEFORE)


def test_the_text_changes_at_the_instant_the_bill_dies() -> None:
    release = from_folder(small())
    made = render.skeleton(release, "ask", "en", "", "first", SWITCH - 1)
    assert made.valid_until == SWITCH
    assert "H.R. 1" in made.text
    after = render.skeleton(release, "ask", "en", "", "first", SWITCH)
    assert after.valid_until is None
    assert "H.R. 1" not in after.text
    assert "Ask again." in after.text


def test_a_dead_bill_cannot_be_named() -> None:
    release = from_folder(small({"ask/en/body.txt": "{{ bill.number }}"}))
    render.skeleton(release, "ask", "en", "", "first", SWITCH - 1)
    with pytest.raises(CampaignError, match="died with the 119th Congress") as told:
        render.skeleton(release, "ask", "en", "", "first", SWITCH)
    assert told.value.where == "ask/en/body.txt"
    assert "{% else %}" in told.value.do


def test_an_expired_fact_stops_the_texts_that_quote_it_and_no_others() -> None:
    facts = small().files["facts.toml"] + 'expires = "2026-12-01"\n'
    release = from_folder(small({"facts.toml": facts}))
    expires = release.folder.facts["one"].expires
    assert expires is not None
    assert render.skeleton(release, "ask", "en", "", "first", expires - 1).valid_until == expires
    with pytest.raises(CampaignError, match="one, which expired on 2026-12-01"):
        render.skeleton(release, "ask", "en", "", "first", expires)
    assert render.skeleton(release, "ask", "en", "", "first", SWITCH).text  # the text after does not quote it


def test_a_fact_is_quoted_by_its_key() -> None:
    body = "{{ fact.one }} {{ fact.one.cite }} {{ greeting }} {{ action_url }}"
    made = render.skeleton(from_folder(small(ask(body))), "ask", "en", "", "first", BEFORE)
    assert made.text.startswith("One & only, 7 of 9. A <source> ")


def test_a_part_or_locale_that_is_missing_is_named() -> None:
    with pytest.raises(CampaignError, match="missing") as told:
        render.skeleton(from_folder(small({"ask/en/body.html": None})), "ask", "en", "", "first", BEFORE)
    assert told.value.where == "ask/en/body.html"
    with pytest.raises(CampaignError, match="no texts in 'es'"):
        render.skeleton(from_folder(small()), "ask", "es", "", "first", BEFORE)


def test_a_skeleton_is_rendered_once_for_all_times_between_two_changes() -> None:
    release = from_folder(small())
    first = render.skeleton(release, "ask", "en", "", "first", BEFORE)
    assert render.skeleton(from_folder(small()), "ask", "en", "", "first", BEFORE + 60_000) is first


def test_a_rekeyed_skeleton_differs_in_its_tags_only() -> None:
    made = render.skeleton(from_folder(small()), "ask", "en", "", "first", BEFORE)
    keyed = render.rekey(made, "abc")
    assert [tag for tag, _field, _html in keyed.tags] == ["[%abch3%]", "[%abct3%]", "[%abct4%]", "[%abct5%]"]
    for part in ("subject", "text", "html"):
        assert getattr(keyed, part).replace("[%abc", "[%") == getattr(made, part)


@given(st.dictionaries(st.text(max_size=3), _words, max_size=3))
def test_a_value_with_a_sign_of_the_tags_is_odd(found: dict[str, str]) -> None:
    assert render.is_odd(found) == any(sign in value for value in found.values() for sign in "[]%")


@pytest.mark.parametrize(
    ("first", "en", "es"),
    [
        ("Ana", "Hi Ana,", "Hola, Ana:"),
        ("  María \t José\r\n", "Hi María José,", "Hola, María José:"),
        ("", "Hello,", "Hola:"),
        ("\x00\u200b", "Hi \u200b,", "Hola, \u200b:"),
        ("x" * 61, "Hello,", "Hola:"),
        ("WIN https://spam.test", "Hello,", "Hola:"),
        ("ana@example.org", "Hello,", "Hola:"),
        ("{0}", "Hi {0},", "Hola, {0}:"),
    ],
)
def test_the_greeting_is_made_for_every_name_and_for_none(first: str, en: str, es: str) -> None:
    for locale, greeting in (("en", en), ("es", es)):
        assert fields.person(recipient(first), locale, action_url="", unsubscribe_url="")["greeting"] == greeting


@given(st.text(), st.text(), st.text())
def test_names_never_break_a_line(first: str, last: str, list_name: str) -> None:
    made = fields.person(recipient(first, last, list=list_name), "en", action_url="", unsubscribe_url="")
    assert made.keys() == language.PERSON.keys()
    for value in made.values():
        assert value == " ".join(value.split())
        assert not any(ord(sign) < 32 or ord(sign) == 127 for sign in value)
        value.encode()
