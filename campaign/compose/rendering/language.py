"""The template language: what a template of a campaign may say, checked on Jinja2's syntax tree before it is compiled.

A text is rendered once for everybody of one locale and variant, and the person's fields are put in afterwards. So there
are two kinds of names: shared ones may be printed and branched on; the person's may only be printed. There is nothing
else: no calls, filters, loops or assignments, so that a template can neither run code nor grow without bounds.
Letters and receipts have names of their own, in the same language.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from jinja2 import Environment, TemplateSyntaxError, nodes

from campaign.compose.rendering import message_file
from campaign.errors import CampaignError

MAX_BYTES = 64 * 1024
MAX_DEPTH = 20
DELIMITERS = ("[%", "%]")  # of the tags that stand for a person's fields

COMMON: dict[str, str] = {
    "campaign.title": "The campaign's title, in the language of the text.",
    "campaign.slug": "The campaign's short name, as in its links.",
    "organization.legal_name": "The organization's full name.",
    "organization.kind": "What it is under tax law, as campaign.toml says: 501c3, 501c4, coalition ...",
    "organization.postal_address": "Its postal address, which every mail must show.",
    "organization.sender_name": "The name that the mail comes from.",
    "organization.sender_email": "The address that the mail comes from.",
    "organization.reply_to": "The address that answers go to.",
    "organization.signer_name": "The person who signs.",
    "organization.signer_role": "That person's role, in the language of the text.",
    "bill.alive": "True until the bill's Congress ends. A dead bill's other names cannot be printed.",
    "bill.number": "The bill's number: H.R. 6890.",
    "bill.title": "The bill's official short title.",
    "bill.last_day": "The day on which it dies, without the year: January 3, 3 de enero.",
    "locale": "The language of the text: en or es.",
}
SHARED: dict[str, str] = COMMON | {
    "variant": '"plain"; where the ZIP names one person: "signed_on" (sponsor or cosponsor) or "representative".',
    "unknown_locale": "True where the list does not say which language the person reads.",
}
PERSON: dict[str, str] = {
    "first_name": "The first name as the list has it; may be empty.",
    "last_name": "The last name as the list has it; may be empty.",
    "greeting": "A whole greeting, made for people without a name too: Hi Ana, / Hello, / Hola, Ana: / Hola:",
    "action_url": "The person's own signed link to the action page.",
    "unsubscribe_url": "The person's own link to stop these mails.",
    "list_name": "The name of the list that the person is on.",
    "consent": "How and when they agreed to be written to, as the list says: petition page, 2026-09-12.",
    "representative": "Rep. Adams / la representante Adams; in Spanish never after a or de.",
    "representative_short": "The same, short and without an article, for a subject: Rep. Adams.",
    "to_representative": "As an object, in Spanish with a and article: a la representante Adams; English: Rep. Adams.",
    "to_representative_short": "The same, short, for a subject: a la Rep. Adams, al Rep. Soto; English: Rep. Adams.",
}
NAMING = tuple(name for name in PERSON if "representative" in name)  # fields that name the reader's representative
LETTER: dict[str, str] = COMMON | {
    "seat.state": "The seat's state, as two letters: NC.",
    "member.sponsor": "True for the sponsor of the campaign's bill, or in the Senate of the precedent.",
    "member.signed": "True for who put their name to that bill, as sponsor or cosponsor.",
    "member.opposed": "True for who put their name to a bill that wants the contrary.",
    "member.leaving": "True for who will not be in the next Congress, as the data or positions.toml says.",
    "member.dear": "The whole salutation: Dear Senator Budd, / Estimado senador Budd:",
    "precedent.number": "The Senate's earlier bill, as sponsors.toml has it: S. 1336.",
    "precedent.year": "The year in which it was introduced.",
}
CALL: dict[str, str] = LETTER | {
    "member.named": "Who is called, as one says it: Representative Adams, la representante Adams; never after a or de.",
}
RECEIPT: dict[str, str] = COMMON | {
    "outcome": "The state of the letters where all are in one: going, sent, delivered ...; otherwise mixed.",
    "several": "True for more than one letter.",
    "why": "Why the letters came back, where all did for one reason: holder, lines or text; otherwise empty.",
    "take_back_until": "Until when something can be taken back, with the zone; empty when nothing can.",
}
RECEIPT_PERSON: dict[str, str] = {
    "greeting": PERSON["greeting"],
    "office_short": "Whom the letter is to, short: Rep. Adams, Sen. Budd; the first one of several.",
    "to_office_short": "The same as an object, in Spanish with a and article: a la Rep. Adams; English: Rep. Adams.",
    "counts": "How many letters are how far: 1 sent, 2 waiting for you.",
    "lines": "The list: each office, what is proved, and the next step. Stands alone between blank lines.",
    "status_url": "The page where each letter is followed, finished and taken back.",
    "disown_url": "The page to say: I did not send this.",
    "unsubscribe_url": PERSON["unsubscribe_url"],
    "text_until": "The day on which the letters' text is deleted.",
}
CONFIRM_PERSON: dict[str, str] = {
    "greeting": PERSON["greeting"],
    "zip": "The ZIP code that was typed.",
    "code": "Six digits to type on the page.",
    "confirm_url": "The page that takes them.",
    "unsubscribe_url": PERSON["unsubscribe_url"],
    "until": "Until when, with the zone.",
}

_GRAMMAR = "The language has text, {{ name }}, {{ fact.key }}, {% if %} and {% block %}."
_REFUSED: tuple[tuple[type[nodes.Node], str, str], ...] = (
    (nodes.For, "a loop", "Write the lines out."),
    (nodes.Call, "a call", "Print a name, or fact.key."),
    (nodes.CallBlock, "a call block", _GRAMMAR),
    (nodes.Filter, "a filter", "Print the name as it is; escaping is done for you."),
    (nodes.FilterBlock, "a filter block", "Write the text as it should look."),
    (nodes.CondExpr, "an if within {{ }}", "Write {% if ... %}...{% else %}...{% endif %}."),
    (nodes.Assign, "a set", "Write the text where it is needed."),
    (nodes.AssignBlock, "a set", "Write the text where it is needed."),
    (nodes.Extends, "an extends", "Write the text out."),
    (nodes.Include, "an include", "Write the text out."),
    (nodes.Import, "an import", "Write the text out."),
    (nodes.FromImport, "an import", "Write the text out."),
    (nodes.Macro, "a macro", "Write the text out."),
    (nodes.Test, "a test with `is`", 'Compare with == or !=: {% if locale == "es" %}.'),
    (nodes.Getitem, "a name in brackets", "Write it with a point: {{ fact.count_growth }}."),
    (nodes.Const, "a constant within {{ }}", "Write it as text, outside of the braces."),
    (nodes.BinExpr, "arithmetic", "Numbers come from facts only."),
    (nodes.Concat, "a joining of texts", "Write the two beside each other: {{ a }}{{ b }}."),
)

Finding = tuple[int, str, str]  # line, what, do


@dataclass(frozen=True, slots=True)
class Names:
    """What one kind of template may name. Only `shared` names may be branched on."""

    shared: Mapping[str, str]
    person: Mapping[str, str]
    facts: Collection[str] | None = ()  # None: not known, so that any may be quoted


OFFICE_MAIL: dict[str, str] = {
    "member": "Whose office it is, with the title: Rep. Alma S. Adams.",
    "asked": "What the letters ask, as their subject says it; of several the one of most letters.",
    "count": "How many letters: 12 letters.",
    "day": "The day of the summary: Nov 30.",
    "letters": "What is told of the letters: towns, words that may be quoted, what they share.",
    "reach": "How many people on the lists this office represents, as a sentence; may be empty.",
    "given_by": "Who gave the address.",
}

_KINDS = {  # by the first folder of the path, or by the file without its language
    "ask": Names(SHARED, PERSON),
    "letter": Names(LETTER, {}),
    "call": Names(CALL, {}),
    "receipt": Names(RECEIPT, RECEIPT_PERSON),
    "receipt/moved": Names(COMMON, CONFIRM_PERSON),
    "office": Names(COMMON, OFFICE_MAIL),
}
_ARGUES = ("ask/", "letter/", "call/")  # a receipt quotes no facts

SYNTAX = Environment(trim_blocks=True, lstrip_blocks=True, autoescape=True)  # only parses


def check(path: str, source: str, *, facts: Collection[str] | None = ()) -> list[CampaignError]:
    """Everything in one template that the language does not allow, each with file, line and what to write instead.

    `facts` are the keys that it may quote (None: any). The first folder of `path` says which names there
    are: ask, letter, call, receipt, office.
    """
    if len(source.encode(errors="replace")) > MAX_BYTES:
        return [CampaignError(f"is larger than {MAX_BYTES // 1024} KiB", where=path, do="A mail should be shorter.")]
    names = replace(names_of(path), facts=facts if path.startswith(_ARGUES) else ())
    try:
        parts = message_file.parts(path, source).values()
    except CampaignError as error:
        return [error]
    return [finding for part in parts for finding in _check(path, part, names)]


def names_of(path: str) -> Names:
    """What the file at `path` may name, besides facts."""
    kind = path.partition(".")[0]
    return _KINDS.get(kind) or _KINDS.get(kind.partition("/")[0]) or _KINDS["ask"]


def _check(path: str, source: str, names: Names) -> list[CampaignError]:
    """What one part of a file does that the language does not allow."""
    try:
        tree = SYNTAX.parse(source)
        found = set(_body(tree.body, names, 1))
    except TemplateSyntaxError as error:
        return [CampaignError(f"cannot be read: {error.message}", where=f"{path} line {error.lineno}", do=_GRAMMAR)]
    except ValueError:
        return [CampaignError("cannot be read: a number is far too long", where=path, do=_GRAMMAR)]
    except RecursionError:
        return [CampaignError("is nested too deeply", where=path, do=f"At most {MAX_DEPTH} levels.")]
    return [CampaignError(what, where=f"{path} line {line}", do=do) for line, what, do in sorted(found)]


def _body(body: Iterable[nodes.Node], names: Names, depth: int) -> Iterator[Finding]:
    for node in body:
        if depth > MAX_DEPTH or (isinstance(node, nodes.If) and len(node.elif_) > MAX_DEPTH):
            yield node.lineno, "is nested too deeply", f"At most {MAX_DEPTH} levels, and as many elifs."
        elif isinstance(node, nodes.Output):
            for part in node.nodes:
                yield from _printed(part, names)
        elif isinstance(node, nodes.If):
            yield from _test(node.test, names, depth + 1)
            for inner in (node.body, node.elif_, node.else_):
                yield from _body(inner, names, depth + 1)
        elif isinstance(node, nodes.Block):
            yield from _body(node.body, names, depth + 1)
        else:
            yield _refused(node)


def _printed(node: nodes.Node, names: Names) -> Iterator[Finding]:
    """What stands in {{ }}, or literal text."""
    if isinstance(node, nodes.TemplateData):
        for sign in DELIMITERS:
            if sign in node.data:
                line = node.lineno + node.data[: node.data.index(sign)].count("\n")
                yield line, f"the text holds {sign}, which marks a person's field on the way", "Leave the sign out."
        return
    key = _fact(node) or (_fact(node.node) if isinstance(node, nodes.Getattr) and node.attr == "cite" else None)
    if key is not None:
        if names.facts is not None and key not in names.facts:
            yield node.lineno, f"no fact is called {key!r}", _near(key, names.facts, "Facts are")
        return
    path = _path(node)
    if path is None:
        yield _refused(node)
    elif path not in names.shared and path not in names.person:
        known = [*names.person, *names.shared, "fact.key"]
        yield node.lineno, f"no name is called {path!r}", _near(path, known, "Names are")


def _test(node: nodes.Node, names: Names, depth: int) -> Iterator[Finding]:
    """A condition: shared names and constants, compared with == or !=, joined with and, or, not."""
    path = _path(node)
    if depth > MAX_DEPTH:
        yield node.lineno, "is nested too deeply", f"At most {MAX_DEPTH} levels."
    elif isinstance(node, nodes.And | nodes.Or):
        yield from _test(node.left, names, depth + 1)
        yield from _test(node.right, names, depth + 1)
    elif isinstance(node, nodes.Not):
        yield from _test(node.node, names, depth + 1)
    elif isinstance(node, nodes.Compare):
        yield from _test(node.expr, names, depth + 1)
        for operand in node.ops:
            if operand.op not in ("eq", "ne"):
                yield node.lineno, f"compares with {operand.op!r}", "Compare with == or !=."
            yield from _test(operand.expr, names, depth + 1)
    elif path in names.person:
        yield (
            node.lineno,
            f"branches on {path}, which belongs to the person: one text serves many people",
            "Print {{ greeting }}, which is made for people without a name too, or branch on variant or locale.",
        )
    elif path is not None and path not in names.shared:
        yield node.lineno, f"no shared name is called {path!r}", _near(path, names.shared, "Shared names are")
    elif path is None and not isinstance(node, nodes.Const):
        yield _refused(node)


def _path(node: nodes.Node) -> str | None:
    """`bill.alive` for its nodes; None for anything except a name or an attribute of a name."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        return f"{node.node.name}.{node.attr}"
    return None


def _fact(node: nodes.Node) -> str | None:
    """The key in `fact.key`; None for any other node."""
    path = _path(node)
    return path.removeprefix("fact.") if path is not None and path.startswith("fact.") else None


def _refused(node: nodes.Node) -> Finding:
    for kind, name, do in _REFUSED:
        if isinstance(node, kind):
            return node.lineno, f"{name} is not in the template language", do
    return node.lineno, f"{type(node).__name__.lower()} is not in the template language", _GRAMMAR


def _near(name: str, known: Collection[str], label: str) -> str:
    near = get_close_matches(name, known, n=1)
    return f"Did you mean {near[0]}?" if near else f"{label}: {', '.join(known) or 'none'}."
