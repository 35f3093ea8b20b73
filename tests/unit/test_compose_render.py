"""Split rendering equals an independent reference rendering, whatever the names and the templates are."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.compose.lint import ask_checks
from campaign.compose.rendering import fields, frame, language, render
from campaign.compose.rendering.release import from_folder
from campaign.compose.rendering.render import Skeleton
from campaign.errors import CampaignError
from campaign.model import Text
from tests.unit.compose_samples import ASK, BEFORE, FILES, SHIPPED, SWITCH, ask, message, recipient, seat, small
from tests.unit.reference_rendering import Reader, as_text, reference
from tests.unit.test_appearance import branded, png

NONCE = "5e1f0c77"
NO_OTHERS = {path: None for path in FILES if not path.endswith(".toml")}  # fewer templates to compile


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
) | st.sampled_from(["<b>", "&amp;", '"', "'", "\r\n", "\x00", "\u202e", "🌻", "محمد", "zqx0vxqz"])
_markdown = st.sampled_from(
    ["# ", "- ", "**", "_", "`", "](x)", "[a](b)", "> ", "1. ", "---", "    ", "\\", "![", "~~", "|"]
)
_words = st.lists(st.one_of(_tags, _nasty, _markdown, st.text(max_size=4)), max_size=3).map("".join)
_safe_url = st.text(string.ascii_letters + string.digits + "-._~", max_size=9).map("https://a.test/{}/act".format)
_people = st.builds(
    lambda first, last, list_, named, url: fields.person(
        recipient(first, last, list=list_),
        "en",
        action_url=url,
        unsubscribe_url=url + "/stop",
        share_url="https://a.test/share",
        representative=seat(name=f"{named} x"),
    ),
    *(_words, _words, _words, _words, _safe_url),
)

PLAIN_NAMES = [name for name in language.PERSON if not name.endswith("_url")]
_printed = st.sampled_from([*PLAIN_NAMES * 2, "locale", "campaign.title", "organization.legal_name", "variant"]).map(
    "{{{{ {} }}}}".format
)
_literal = st.text("ab <>&'\"*_[]().-#!\\", max_size=6)
_inline = st.lists(st.one_of(_literal, _printed), min_size=1, max_size=4).map("".join)
_marked = st.one_of(
    _inline,
    st.builds("**a{}**".format, _printed),
    st.builds("*{}b* {}".format, _printed, _inline),
    st.builds("[go{}]({{{{ {} }}}}) {}".format, _printed, st.sampled_from(render.LINKS), _inline),
    st.builds("{} [go]({{{{ action_url }}}}?x=1)".format, _inline),
    st.just("[go]({{ action_url }})"),
    st.builds("a{}\nb{}".format, _printed, _printed),
)
_condition = st.sampled_from(["bill.alive", "not bill.alive", "unknown_locale", 'variant == "plain"', 'locale != "es"'])
_block = st.recursive(
    st.one_of(
        _marked.map("{}\n\n".format),
        st.lists(_inline.map("- a{}\n".format), min_size=1, max_size=3).map("".join).map("{}\n".format),
    ),
    lambda inner: st.builds("{{% if {} %}}\n{}{{% else %}}\n{}{{% endif %}}\n".format, _condition, inner, inner),
    max_leaves=4,
)
_blocks = st.lists(_block, min_size=1, max_size=4).map("".join)
_bodies = st.builds("x{{{{ greeting }}}}\n\n{}{}{}".format, _blocks, st.sampled_from(["", "---\n\ny\n\n"]), _blocks)


@settings(max_examples=80)
@given(_bodies, st.lists(_people, min_size=1, max_size=3), st.integers(), st.sampled_from(render.VARIANTS))
def test_split_rendering_equals_a_reference_rendering(
    body: str, people: list[dict[str, str]], seed: int, variant: str
) -> None:
    release = from_folder(small({**NO_OTHERS, **ask(body)}))
    try:
        made = render.skeleton(release, "en", variant, "first", BEFORE)
    except CampaignError as error:
        refused = str(error)
        made = None
    if made is None:  # what Markdown makes of the literal text is refused before any reader gets it
        reasons = "cannot show|can be empty|empty list item|is not a link|more than one|marks a person's field|"
        reasons += "link that cannot be read"
        assert re.search(reasons, refused)
        return
    shared = {
        "bill": {"alive": True},
        "locale": "en",
        "campaign": {"title": "Small"},
        "organization": {"legal_name": "Neighbors & Friends"},
        "variant": variant.removesuffix("unknown-locale").strip().replace("waiting", "plain"),
        "letter_waiting": variant.startswith("waiting"),
        "unknown_locale": variant.endswith("unknown-locale"),
    }
    for person in people:
        split = put_in(made, person, seed)
        wanted = reference(body, {**shared, **person})
        inner = split.html.split("Neighbors &amp; Friends</p>\n", 1)[1]
        assert Reader(inner).blocks == wanted
        assert split.text == as_text(wanted)
        assert split == render.plain(release, "en", variant, "first", BEFORE, person=person)


@pytest.mark.parametrize(
    ("body", "text", "html"),
    [
        ("[Act now]({{ action_url }})", "Act now:\nhttps://a.test/act\n", 'href="https://a.test/act" style="display:'),
        ("[Es]({{ action_url }}?lang=es)", "Es: https://a.test/act?lang=es\n", 'href="https://a.test/act?lang=es"'),
        (
            "See {{ action_url }}.",
            "See https://a.test/act.\n",
            'See <a href="https://a.test/act" style="color:inherit;">',
        ),
        ("[Go]({{ action_url }}), or not", "Go <https://a.test/act>, or not\n", ">Go</a>, or not</p>"),
        ("**{{ first_name }} asks**", "# Ana asks\n", 'font-weight:600;line-height:1.4;"># Ana asks</p>'),
        ("- {{ first_name }}\n- **b** c", "- # Ana\n- b c\n", "<strong>b</strong> c</li>"),
        ("a\nb\n\n---\n\nc", "a\nb\n\n--\nc\n", 'a<br>\nb</p>\n<div style="margin:34px 0 0;'),
        ("{{ first_name }}\n\n<b>&", "# Ana\n\n<b>&\n", "&lt;b&gt;&amp;</p>"),
        ("[Source]: {{ list_name }}\n\nBye", "[Source]: petition\n\nBye\n", "[Source]: petition</p>"),
        ("[x](tel:+1202)\n[y](mailto:a@a.test)", "x <tel:+1202>\ny: mailto:a@a.test\n", 'href="tel:+1202"'),
    ],
)
def test_markdown_becomes_text_and_html(body: str, text: str, html: str) -> None:
    person = fields.person(
        recipient("# Ana"),
        "en",
        action_url="https://a.test/act",
        unsubscribe_url="https://a.test/u",
        share_url="https://a.test/share",
    )
    made = render.plain(from_folder(small(ask(body))), "en", "", "first", BEFORE, person=person)
    assert made.text == text
    assert html in made.html


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("Hi\n\n# Big", "line 7: has a heading"),
        ("Hi\n---", "line 5: has a heading"),
        ("Hi\n\n1. one", "has a ordered list"),
        ("Hi\n\n> said", "line 7: has a blockquote"),
        ("Hi\n\n    indented", "line 7: has a code block"),
        ("`code`", "line 5: has a code inline"),
        ("![x](y)", "has a image"),
        ("- a\n  - b", "has more than one paragraph in a list item"),
        ("- ***\n  a", "has more than one paragraph in a list item"),
        ("Hi\n\n- a\n-", "line 7: has an empty list item"),
        ("Hi\n\n-", "has an empty list item"),
        ("a\n\n---\n\nb\n\n---", "line 7: has more than one line ---"),
        ("Hi\n\n**{{ first_name }}**", "line 7: has emphasis around a field that can be empty"),
        ("x *{{ first_name }} {{ last_name }}*", "has emphasis around a field that can be empty"),
        ("[{{ list_name }}]({{ action_url }})", "has a link around a field that can be empty"),
        ("[x]({{ first_name }})", "has a link to a field that is not a link"),
        ("[x]({{ action_url }}{{ last_name }})", "has a link to a field that is not a link"),
        ("zqx0vxqz", "holds a word like zqx0vxqz"),
        ("a `b` c", "line 5: has a code inline"),
        ("[x](javascript:alert)", "line 5: has a link that cannot be read"),
        ("[x](https://a.test/a b)", "line 5: has a link that cannot be read"),
        ("**[x](https://a.test/a(b)**", "line 5: has a link that cannot be read"),
        ("[x](www.a.test)", "has a link that leads nowhere in an email"),
        ("[x]()", "has a link that leads nowhere in an email"),
        ('[x]({{ action_url }} "{{ last_name }}")', "has a link with a title"),
    ],
)
def test_markdown_that_an_email_cannot_show_is_refused_with_its_line(body: str, says: str) -> None:
    with pytest.raises(CampaignError) as error:
        render.skeleton(from_folder(small(ask(body))), "en", "", "first", BEFORE)
    assert str(error.value).startswith(ASK)
    assert says in str(error.value)


def test_the_preheader_is_escaped_and_hidden() -> None:
    release = from_folder(small({ASK: message("Hi", preheader="<{{ first_name }}> & more")}))
    person = fields.person(recipient("<b>"), "en", action_url="", unsubscribe_url="", share_url="https://a.test/share")
    made = render.plain(release, "en", "", "first", BEFORE, person=person)
    assert 'mso-hide:all;">&lt;&lt;b&gt;&gt; &amp; more</div>' in made.html
    assert "more" not in made.text


@pytest.mark.parametrize("seed", range(4))
def test_a_name_that_is_another_names_tag_stays_a_name(seed: int) -> None:
    release = from_folder(small(ask("{{ first_name }} {{ last_name }}")))
    made = render.skeleton(release, "en", "", "first", BEFORE)
    person = {**dict.fromkeys(language.PERSON, ""), "first_name": "[%t2%][%h2%]", "last_name": "[%t1%][%h1%]"}
    assert put_in(made, person, seed).text == "[%t2%][%h2%] [%t1%][%h1%]\n"
    assert put_in(made, person, seed) == render.plain(release, "en", "", "first", BEFORE, person=person)


@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("variant", render.VARIANTS)
@pytest.mark.parametrize("now", [BEFORE, SWITCH])
def test_the_shipped_texts_are_equal_too_for_odd_people(locale: str, variant: str, now: int) -> None:
    release = from_folder(SHIPPED)
    made = render.skeleton(release, locale, variant, "first", now)
    for seed, (_label, person) in enumerate(ask_checks.odd_people(locale)):
        assert put_in(made, person, seed) == render.plain(release, locale, variant, "first", now, person=person)


def test_html_is_escaped_in_html_and_only_there() -> None:
    body = "{{ first_name }} [go]({{ action_url }})"
    made = render.skeleton(from_folder(small(ask(body))), "en", "", "first", BEFORE)
    found = render.values(made, {**dict.fromkeys(language.PERSON, ""), "first_name": "<b>O'B</b>", "action_url": "/a"})
    assert sorted(found.items()) == [
        ("[%h1%]", "&lt;b&gt;O&#39;B&lt;/b&gt;"),
        ("[%t1%]", "<b>O'B</b>"),
        ("[%t4%]", "/a"),
    ]
    assert all(type(value) is str for value in found.values())


def test_a_link_that_html_would_change_is_refused_in_words() -> None:
    made = render.skeleton(from_folder(small()), "en", "", "first", BEFORE)
    person = fields.person(
        recipient(),
        "en",
        action_url="https://a.test/?a=1&b=2",
        unsubscribe_url="https://a.test/u",
        share_url="https://a.test/share",
    )
    with pytest.raises(CampaignError, match="action_url"):
        render.values(made, person)


def test_text_that_would_form_a_tag_around_empty_names_is_refused() -> None:
    release = from_folder(small(ask("[{{ first_name }}%t1{{ last_name }}%{{ first_name }}\\] {{ greeting }}")))
    with pytest.raises(CampaignError, match="marks a person's field"):
        render.skeleton(release, "en", "", "first", BEFORE)


def test_a_fact_that_holds_a_delimiter_is_refused() -> None:
    facts = small().files["facts.toml"].replace("One & only", "[%t1%]")
    with pytest.raises(CampaignError, match="marks a person's field"):
        render.skeleton(from_folder(small({"facts.toml": facts})), "en", "", "first", BEFORE)


def test_the_text_changes_at_the_instant_the_bill_dies() -> None:
    release = from_folder(small())
    made = render.skeleton(release, "en", "", "first", SWITCH - 1)
    assert made.valid_until == SWITCH
    assert "H.R. 1" in made.text
    after = render.skeleton(release, "en", "", "first", SWITCH)
    assert after.valid_until is None
    assert "H.R. 1" not in after.text
    assert "Ask again." in after.text


def test_the_number_of_a_bill_stays_on_one_line_of_an_email() -> None:
    person = fields.person(recipient(), "en", action_url="/a", unsubscribe_url="/u", share_url="https://a.test/share")
    text = render.plain(from_folder(small()), "en", "plain", "first", BEFORE, person=person)
    assert "H.R. 1 before" in text.text
    assert "H.R.&nbsp;1 before" in text.html


def test_a_dead_bill_cannot_be_named() -> None:
    release = from_folder(small(ask("{{ bill.number }}")))
    render.skeleton(release, "en", "", "first", SWITCH - 1)
    with pytest.raises(CampaignError, match="died with the 119th Congress") as told:
        render.skeleton(release, "en", "", "first", SWITCH)
    assert told.value.where == f"{ASK} line 5"
    assert "{% else %}" in told.value.do


def test_an_expired_fact_stops_the_texts_that_quote_it_and_no_others() -> None:
    facts = small().files["facts.toml"] + 'expires = "2026-12-01"\n'
    release = from_folder(small({"facts.toml": facts}))
    expires = release.folder.facts["one"].expires
    assert expires is not None
    assert render.skeleton(release, "en", "", "first", expires - 1).valid_until == expires
    with pytest.raises(CampaignError, match="one, which expired on 2026-12-01"):
        render.skeleton(release, "en", "", "first", expires)
    assert render.skeleton(release, "en", "", "first", SWITCH).text  # the text after does not quote it


def test_a_fact_is_quoted_by_its_key() -> None:
    body = "{{ fact.one }} {{ fact.one.cite }} {{ greeting }} {{ action_url }}"
    made = render.skeleton(from_folder(small(ask(body))), "en", "", "first", BEFORE)
    assert made.text.startswith("One & only, 7 of 9. A <source> ")


def test_a_part_or_locale_that_is_missing_is_named() -> None:
    with pytest.raises(CampaignError, match="missing") as told:
        render.skeleton(from_folder(small({ASK: None})), "en", "", "first", BEFORE)
    assert told.value.where == ASK
    with pytest.raises(CampaignError, match="has no preheader") as told:
        render.skeleton(from_folder(small({ASK: "---\nsubject: x\n---\nHi"})), "en", "", "first", BEFORE)
    assert told.value.where == ASK
    with pytest.raises(CampaignError, match="no texts in 'es'"):
        render.skeleton(from_folder(small()), "es", "", "first", BEFORE)


def test_a_skeleton_is_rendered_once_for_all_times_between_two_changes() -> None:
    release = from_folder(small())
    first = render.skeleton(release, "en", "", "first", BEFORE)
    assert render.skeleton(from_folder(small()), "en", "", "first", BEFORE + 60_000) is first


def test_a_rekeyed_skeleton_differs_in_its_tags_only() -> None:
    made = render.skeleton(from_folder(small()), "en", "", "first", BEFORE)
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
        assert (
            fields.person(
                recipient(first), locale, action_url="", unsubscribe_url="", share_url="https://a.test/share"
            )["greeting"]
            == greeting
        )


@given(st.text(), st.text(), st.text())
def test_names_never_break_a_line(first: str, last: str, list_name: str) -> None:
    made = fields.person(
        recipient(first, last, list=list_name),
        "en",
        action_url="",
        unsubscribe_url="",
        share_url="https://a.test/share",
    )
    assert set(made) == set(language.PERSON)
    for value in made.values():
        assert value == " ".join(value.split())
        assert not any(ord(sign) < 32 or ord(sign) == 127 for sign in value)
        value.encode()


def test_a_branded_ask_is_the_same_for_all_its_readers_and_names_no_server_before_it_is_sent() -> None:
    folder = branded('[brand]\nlogo = "logo.png"\naccent = "#7a1f5c"\n', logo_png=png())
    made = render.skeleton(from_folder(folder), "en", "plain", "first", BEFORE)
    assert '<img src="https://site.invalid/brand/small/' in made.html
    assert 'bgcolor="#7a1f5c"' in made.html
    person = {name: f"https://x.test/{name}" if name.endswith("_url") else name for name in language.PERSON}
    assert put_in(made, person, 1) == render.plain(from_folder(folder), "en", "plain", "first", BEFORE, person=person)
    sent = frame.at_site(made.html, "https://action.example.org")
    assert '<img src="https://action.example.org/brand/small/' in sent
    assert "site.invalid" not in sent
