"""Markdown to the two parts of an email, text and HTML with inline styles. Values are tokens here (`tokens`).

An email may have paragraphs, lists with -, **strong** and *emphasis*, [links](...), and one line --- before the small
print. Anything else is refused. Many mail programs drop style sheets, so every element carries its own style.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from markupsafe import escape

from campaign.compose.rendering import tokens
from campaign.errors import CampaignError

_PARSER = MarkdownIt("commonmark", {"html": False}).disable("reference")  # its lines would vanish from the email
_LINK_LEFT = re.compile(r"\[[^\[\]]*\]\(.*")  # in text: what the parser did not take for a link
_SCHEMES = ("https:", "http:", "mailto:", "tel:")
_RULE = "--"  # in text; mail programs know it as the start of a signature

_PARAGRAPH = '<p style="margin:0 0 18px;">{}</p>'
_SMALL = '<p style="margin:0 0 10px;">{}</p>'
_LEAD = '<p style="margin:0 0 26px;font-size:19px;font-weight:600;line-height:1.4;">{}</p>'
_CODE = '<p style="margin:0 0 18px;font-size:28px;font-weight:600;letter-spacing:4px;">{}</p>'
_LIST = '<ul style="margin:0 0 26px;padding:0 0 0 22px;">\n{}\n</ul>'
_ITEM = '<li style="margin:0 0 8px;">{}</li>'
_COLOR = "color:inherit;"
_LINK = f'<a href="{{}}"{{}} style="{_COLOR}">{{}}</a>'
_PRINTED_LINK = f'<a href="{{0}}" style="{_COLOR}">{{0}}</a>'
_TARGET = (
    f"{_COLOR}display:inline-block;padding:12px 0;"  # for a finger: 44 px high, where a line has nothing but links
)
ONLY_BUTTONS = "mso-padding-alt"  # Outlook pads no link, and only Outlook reads this
_BUTTON = (
    '<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 26px;"><tr>\n'
    '<td align="center" bgcolor="#14576e" style="border-radius:8px;background-color:#14576e;'
    f'{ONLY_BUTTONS}:15px 28px;"><a href="{{}}" style="'
    "display:inline-block;padding:15px 28px;border:1px solid #14576e;border-radius:8px;background-color:#14576e;"
    'color:#ffffff;font-size:18px;font-weight:600;line-height:1.3;text-decoration:none;">{}</a></td>\n</tr></table>'
)
_OTHER_LANGUAGE = re.compile(r"\?lang=([a-z]{2})$")
_FOOTER = '<div style="margin:34px 0 0;padding:16px 0 0;border-top:1px solid #8a8f94;font-size:13px;line-height:1.55;">'


class NotAllowed(CampaignError):
    """Markdown that an email must not have. `source` is the text it was found in, with tokens."""

    def __init__(self, what: str, source: str, do: str) -> None:
        super().__init__(what, do=do)
        self.source = source


@lru_cache(maxsize=512)
def convert(markdown: str) -> tuple[str, str]:
    """The text and the HTML body of an email, with tokens. Runs once for each distinct text. Raises NotAllowed."""
    blocks = SyntaxTreeNode(_PARSER.parse(markdown)).children
    rules = [number for number, block in enumerate(blocks) if block.type == "hr"]
    if len(rules) > 1:
        raise NotAllowed("has more than one line ---", "---", "Keep the one before the small print.")
    end = rules[0] if rules else len(blocks)
    body, small = blocks[:end], blocks[end + 1 :]
    text = "\n\n".join(_text(block) for block in body)
    html = [_html(block) for block in body]
    if small:
        text += f"\n\n{_RULE}\n" + "\n\n".join(_text(block) for block in small)
        html += [_FOOTER, *(_html(block, _SMALL) for block in small), "</div>"]
    return text + "\n", "\n".join(html) + "\n"


def _html(block: SyntaxTreeNode, paragraph: str = _PARAGRAPH) -> str:
    if block.type == "bullet_list":
        return _LIST.format("\n".join(_ITEM.format(_inline_html(inline)) for inline in _items(block)))
    inline = _inline(block)
    if tokens.only(inline.content, "b"):
        return inline.content
    shown = _inline_html(inline)
    (first, *others) = _children(inline)
    if first.type == "link" and not others and tokens.only(_href(first), "a"):
        return _BUTTON.format(_href(first), _children_html(first))
    if first.type == "strong" and not others:
        return (_CODE if tokens.only(_content(first), "v") else _LEAD).format(_children_html(first))
    if first.type == "link" and all(node.type == "link" or _is_separator(node) for node in others):
        shown = shown.replace(_COLOR, _TARGET)
    return paragraph.format(shown)


def _text(block: SyntaxTreeNode) -> str:
    if block.type == "bullet_list":
        return "\n".join(f"- {_children_text(inline)}" for inline in _items(block))
    inline = _inline(block)
    (first, *others) = _children(inline)
    if first.type == "link" and not others and tokens.only(_href(first), "a"):
        return f"{_children_text(first)}:\n{_href(first)}"
    return _children_text(inline)


def _inline(block: SyntaxTreeNode) -> SyntaxTreeNode:
    if block.type != "paragraph":
        (first, *_) = [node for node in block.walk() if node.type == "inline" or node.type in _BLOCKS_OF_CODE] or [
            block
        ]
        what = f"has a {block.type.replace('_', ' ')}, which emails cannot show"
        do = "Write paragraphs with blank lines between them, lists with -, **strong**, *emphasis* and [links](...)."
        raise NotAllowed(what, first.content, do)
    inline = block.children[0]
    if link := _LINK_LEFT.search(_content(inline)):
        do = "Write [words](address), with no space in the address and each parenthesis in it closed."
        raise NotAllowed("has a link that cannot be read", link[0], do)
    if "b" in tokens.kinds(inline.content) and not tokens.only(inline.content, "b"):
        raise NotAllowed(
            "has a list of lines inside a paragraph", inline.content, "Put blank lines around {{ lines }}."
        )
    return inline


_BLOCKS_OF_CODE = ("code_block", "fence")


def _items(block: SyntaxTreeNode) -> Iterator[SyntaxTreeNode]:
    for item in block.children:
        if len(item.children) != 1:
            texts = (node.content for node in (item if item.children else block).walk() if node.type == "inline")
            what = "has more than one paragraph in a list item" if item.children else "has an empty list item"
            raise NotAllowed(what, next(texts, ""), "Write one paragraph for each -.")
        inline = _inline(item.children[0])
        if "b" in tokens.kinds(inline.content):
            raise NotAllowed("has a list of lines inside a list", inline.content, "Put blank lines around {{ lines }}.")
        yield inline


def _inline_html(inline: SyntaxTreeNode) -> str:
    """Text outside of links: a link that is printed as it is becomes one."""
    return "".join(
        tokens.replace(_node_html(node), "ua", _PRINTED_LINK) if node.type == "text" else _node_html(node)
        for node in inline.children
    )


def _children_html(node: SyntaxTreeNode) -> str:
    return "".join(map(_node_html, node.children))


def _node_html(node: SyntaxTreeNode) -> str:
    match node.type:
        case "text":
            return str(escape(node.content))
        case "softbreak" | "hardbreak":
            return "<br>\n"
        case "strong" | "em":
            _refuse_empty(node)
            return f"<{node.tag}>{_children_html(node)}</{node.tag}>"
        case "link":
            _refuse_empty(node)
            _refuse_other_links(node)
            return _LINK.format(escape(_href(node)), _language(_href(node)), _children_html(node))
    raise NotAllowed(
        f"has a {node.type.replace('_', ' ')}, which emails cannot show", node.content, "Write it as text."
    )


def _language(href: str) -> str:
    """The language of a link's words, where its address asks for one."""
    asked = _OTHER_LANGUAGE.search(href)
    return f' lang="{asked[1]}" hreflang="{asked[1]}"' if asked else ""


def _is_separator(node: SyntaxTreeNode) -> bool:
    return node.type == "softbreak" or (node.type == "text" and not node.content.strip(" ·"))


def _refuse_empty(node: SyntaxTreeNode) -> None:
    content = _content(node)
    if not content.strip() or tokens.only(content, "o"):
        what = f"has {'a link' if node.type == 'link' else 'emphasis'} around a field that can be empty"
        raise NotAllowed(what, content, "Put words beside the field, or take the marks away.")


def _refuse_other_links(link: SyntaxTreeNode) -> None:
    """A link is written out, or begins with a link field: anything else could lead anywhere."""
    href, kinds = _href(link), tokens.kinds(_href(link))
    if kinds and (not tokens.starts_with(href, "ua") or len(kinds) > 1):
        raise NotAllowed("has a link to a field that is not a link", href, "Write one field that ends in _url.")
    if not kinds and not href.lower().startswith(_SCHEMES):
        do = "Write the whole address, with https://, mailto: or tel:."
        raise NotAllowed("has a link that leads nowhere in an email", href or _content(link), do)
    if "title" in link.attrs:
        raise NotAllowed("has a link with a title, which emails do not show", _content(link), "Take it out.")


def _children_text(node: SyntaxTreeNode) -> str:
    children = _children(node)
    last = children[-1] if node.type == "inline" else None
    return "".join(_node_text(child, last=child is last) for child in children)


def _node_text(node: SyntaxTreeNode, *, last: bool) -> str:
    match node.type:
        case "text":
            return str(node.content)
        case "softbreak" | "hardbreak":
            return "\n"
        case "link":
            label, href = _children_text(node), _href(node)
            return href if label == href else f"{label}: {href}" if last else f"{label} <{href}>"
    return _children_text(node)


def _href(link: SyntaxTreeNode) -> str:
    return str(link.attrs["href"])


def _children(node: SyntaxTreeNode) -> list[SyntaxTreeNode]:
    """The nodes in this one, without the empty texts that the parser leaves around emphasis."""
    return [child for child in node.children if child.type != "text" or child.content] or node.children


def _content(node: SyntaxTreeNode) -> str:
    return "".join(_texts(node.children))


def _texts(nodes: Iterable[SyntaxTreeNode]) -> Iterator[str]:
    for node in nodes:
        yield from [node.content] if node.type == "text" else _texts(node.children)
