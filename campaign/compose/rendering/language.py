"""The template language: what a message may contain, checked on Jinja2's syntax tree before it is compiled.

A text is rendered once for all readers of one locale and variant, and each person's fields are filled in afterward. So
shared names may be printed and tested in conditions; the person's may only be printed. There are no calls, filters,
loops or assignments: a template can neither run code nor grow without bounds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache

from jinja2 import Environment, TemplateSyntaxError, nodes

from campaign.compose.rendering import message_file
from campaign.errors import CampaignError

MAX_BYTES = 64 * 1024
MAX_DEPTH = 20
DELIMITERS = ("[%", "%]")  # of the tags for a person's fields

# docs/message-fields.md describes these names.
COMMON = (
    *("campaign.title", "campaign.slug", "locale"),
    *("organization.legal_name", "organization.kind", "organization.postal_address", "organization.reply_to"),
    *("organization.sender_name", "organization.sender_email", "organization.signer_name", "organization.signer_role"),
    *("bill.alive", "bill.number", "bill.title", "bill.last_day"),
)
SHARED = (*COMMON, "variant", "unknown_locale", "letter_waiting")
NAMING = ("representative", "representative_short", "to_representative", "to_representative_short")
PERSON = (
    *("first_name", "last_name", "greeting", "action_url", "unsubscribe_url", "share_url", "list_name", "consent"),
    *NAMING,
)
LETTER = (
    *(*COMMON, "seat.state", "precedent.number", "precedent.year"),
    *("member.sponsor", "member.signed", "member.opposed", "member.leaving", "member.dear"),
)
CALL = (*LETTER, "member.named")
RECEIPT = (*COMMON, "outcome", "reminder", "several", "why", "take_back_until", "text_until")
RECEIPT_PERSON = (
    *("greeting", "office_short", "to_office_short", "counts", "lines"),
    *("status_url", "next_url", "share_url", "disown_url", "quiet_url", "unsubscribe_url"),
)
QUESTION_PERSON = ("greeting", "office_short", "to_office_short", "answer_url", "quiet_url", "unsubscribe_url")
CONFIRM_PERSON = ("greeting", "zip", "code", "confirm_url", "unsubscribe_url", "until")
JOIN_PERSON = ("confirm_url", "unsubscribe_url", "until")
OFFICE_MAIL = ("member", "asked", "count", "day", "letters", "reach", "given_by")

_GRAMMAR = "The language has text, {{ name }}, {{ fact.key }}, {% if %} and {% block %}."
_WRITE_OUT = "Write the text out."
_REFUSED: tuple[tuple[type[nodes.Node] | tuple[type[nodes.Node], ...], str, str], ...] = (
    (nodes.For, "a loop", "Write the lines out."),
    (nodes.Call, "a call", "Print a name, or fact.key."),
    (nodes.CallBlock, "a call block", _GRAMMAR),
    ((nodes.Filter, nodes.FilterBlock), "a filter", "Print the name as it is; escaping is done for you."),
    (nodes.CondExpr, "an if within {{ }}", "Write {% if ... %}...{% else %}...{% endif %}."),
    ((nodes.Assign, nodes.AssignBlock), "a set", "Write the text where it is needed."),
    (nodes.Extends, "an extends", _WRITE_OUT),
    (nodes.Include, "an include", _WRITE_OUT),
    ((nodes.Import, nodes.FromImport), "an import", _WRITE_OUT),
    (nodes.Macro, "a macro", _WRITE_OUT),
    (nodes.Test, "a test with `is`", 'Compare with == or !=: {% if locale == "es" %}.'),
    (nodes.Getitem, "a name in brackets", "Write it with a point: {{ fact.count_growth }}."),
    (nodes.Const, "a constant within {{ }}", "Write it as text, outside of the braces."),
    (nodes.BinExpr, "arithmetic", "Numbers come from facts only."),
    (nodes.Concat, "joining texts", "Write the two beside each other: {{ a }}{{ b }}."),
)

Finding = tuple[int, str, str]  # line, what, do


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one kind of message. Only `shared` names may be tested in conditions."""

    shared: Collection[str]
    person: Collection[str]
    facts: Collection[str] | None = ()  # None: unknown, so any may be quoted


_KINDS = {  # by the first folder of the path, or by the file without its language
    "ask": Names(SHARED, PERSON),
    "letter": Names(LETTER, ()),
    "call": Names(CALL, ()),
    "receipt": Names(RECEIPT, RECEIPT_PERSON),
    "receipt/moved": Names(COMMON, CONFIRM_PERSON),
    "receipt/join": Names(COMMON, JOIN_PERSON),
    "receipt/six-weeks": Names(COMMON, QUESTION_PERSON),
    "office": Names(COMMON, OFFICE_MAIL),
    "page": Names(COMMON, ()),
}
_ARGUES = ("ask/", "letter/", "call/", "page/")  # a receipt quotes no facts

SYNTAX = Environment(trim_blocks=True, lstrip_blocks=True, autoescape=True)  # only parses


def check(path: str, source: str, *, facts: Collection[str] | None = ()) -> list[CampaignError]:
    """Everything in one template that the language does not allow, each with file, line and what to write instead.

    `facts`: the keys it may quote (None: any). The first folder of `path` (ask, letter, call, receipt, office, page)
    decides which names it may use.
    """
    if len(source.encode(errors="replace")) > MAX_BYTES:
        return [CampaignError(f"is larger than {MAX_BYTES // 1024} KiB", where=path, do="Shorten it.")]
    known = None if facts is None else frozenset(facts)
    return list(_findings(path, source, known if path.startswith(_ARGUES) else frozenset()))


@lru_cache(maxsize=512)
def _findings(path: str, source: str, facts: frozenset[str] | None) -> tuple[CampaignError, ...]:
    """Kept by content: releases of a campaign, and drafts between two edits, share most of their files."""
    names = replace(names_of(path), facts=facts)
    try:
        parts = message_file.parts(path, source).values()
    except CampaignError as error:
        return (error,)
    return tuple(finding for part in parts for finding in _check(path, part, names))


def names_of(path: str) -> Names:
    """The names that the file at `path` may use, besides facts."""
    kind = path.partition(".")[0]
    return _KINDS.get(kind) or _KINDS.get(kind.partition("/")[0]) or _KINDS["ask"]


def _check(path: str, source: str, names: Names) -> list[CampaignError]:
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
    """Problems of an expression in {{ }}, or of literal text."""
    if isinstance(node, nodes.TemplateData):
        for sign in DELIMITERS:
            if sign in node.data:
                line = node.lineno + node.data[: node.data.index(sign)].count("\n")
                yield line, f"the text has {sign}, which marks a person's field in sending", "Leave it out."
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
            "Print {{ greeting }}, which also works for people without a name, or test variant or locale.",
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
