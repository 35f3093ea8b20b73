"""The documentation names only files, commands, options and settings that exist; generated pages are current."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import rich_click as click

from campaign import states
from campaign.cli.app import root
from campaign.cli.reference import reference

ROOT = Path(__file__).parents[2]
DOCS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", ".github/**/*.md")
    for path in ROOT.glob(pattern)
    if path.name != "CHANGELOG.md"  # names what existed then
)
NAMES = [path.relative_to(ROOT).as_posix() for path in DOCS]
# files that a user has or a command writes
MADE = {"rejected.csv", "supporters.csv", "unsubscribed.csv", "contacts.csv", "packets/"}
_FENCE = re.compile(r"^```.*?^```|^(?: {4}.*\n)+", re.M | re.S)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FILE = re.compile(r"[\w.*-]*(?:/[\w.*-]+)*\.(?:py|md|toml|html|css|rng|yml|yaml|csv)|(?:[\w.-]+/)+")
_SETTING = re.compile(r"\[(\w+)\](?: (\w+))?")
_VARIABLE = re.compile(r"\bCAMPAIGN_[A-Z_]+\b")


def spans(text: str) -> Iterator[str]:
    """Every piece of code in a page: inline spans, and the lines of code blocks."""
    for block in _FENCE.findall(text):
        yield from (line.split("#")[0].strip() for line in block.splitlines())
    yield from (span.strip() for span in _SPAN.findall(_FENCE.sub("", text)))


def tracked() -> set[str]:
    skipped = {".venv", ".git", ".campaign", ".hypothesis", ".mypy_cache", ".ruff_cache", "__pycache__"}
    found = set[str]()
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in skipped]
        here = Path(folder).relative_to(ROOT)
        found |= {(here / name).as_posix() for name in files} | {f"{(here / name).as_posix()}/" for name in folders}
    return found


FILES = tracked()
SETTINGS = tomllib.loads((ROOT / "config.toml").read_text(encoding="utf-8"))
CODE = "\n".join(
    (ROOT / name).read_text(encoding="utf-8")
    for name in FILES
    if name.endswith((".py", ".toml")) or name in (".ci/run", "Makefile")
)


def missing_file(span: str) -> bool:
    """Whether a span reads like a file or folder of ours that does not exist. A bare name may be in any folder."""
    if not _FILE.fullmatch(span) or span in MADE or span.startswith((".", "/")) or span.split("/")[0] == "DIR":
        return False
    pattern = re.compile(re.escape(span).replace(r"\*", r"[^/]*"))
    return not any(re.search(rf"(?:^|/){pattern.pattern}$", name) for name in FILES)


def bad_command(line: str) -> str:
    """What is wrong with a `campaign ...` command, "" if nothing: an unknown command or option."""
    try:
        words = shlex.split(re.sub(r"[\[\]|<>…]", " ", line))[1:]
    except ValueError:
        return ""
    command: click.Command = root
    known = {name for option in root.params for name in option.opts}
    for word in words:
        if word.startswith("--"):
            if word.split("=")[0] not in known | {"--help"}:
                return f"{line}: no option {word}"
        elif isinstance(command, click.Group) and re.fullmatch(r"[a-z-]+", word):
            found = command.get_command(click.Context(command), word)
            if found is None:
                return f"{line}: no command {word}"
            command = found
            known |= {name for option in command.params for name in option.opts}
    return ""


@pytest.mark.parametrize("name", NAMES)
def test_every_file_and_link_exists(name: str) -> None:
    path, text = ROOT / name, (ROOT / name).read_text(encoding="utf-8")
    missing = [span for span in spans(text) if missing_file(span)]
    for target in _LINK.findall(_FENCE.sub("", text)):
        file, _, anchor = target.partition("#")
        if "://" in target or target.startswith(("mailto:", "../../")):
            continue
        page = (path.parent / file) if file else path
        if not page.exists() or (anchor and anchor not in anchors(page)):
            missing.append(target)
    assert missing == []


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", NAMES)
def test_every_command_option_setting_and_variable_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    wrong = []
    for span in spans(text):
        if re.match(r"campaign( |$)", span):
            wrong.append(bad_command(span))
        elif target := re.match(r"make ([a-z-]+)", span):
            wrong.append("" if f"\n{target[1]}:" in (ROOT / "Makefile").read_text(encoding="utf-8") else span)
        elif module := re.search(r"python -m (campaign[\w.]*|tests[\w.]*|benchmarks[\w.]*)", span):
            wrong.append("" if importlib.util.find_spec(module[1]) else span)
        elif setting := _SETTING.fullmatch(span):
            section = SETTINGS.get(setting[1], {} if f'"{setting[1]}"' in CODE and not setting[2] else None)
            wrong.append(
                ""
                if section is not None and (not setting[2] or f"\n{setting[2]} " in CODE or setting[2] in section)
                else span
            )
    wrong += [variable for variable in _VARIABLE.findall(text) if variable not in CODE]
    assert [problem for problem in wrong if problem] == []


def test_the_checks_catch_what_they_are_for() -> None:
    assert missing_file("campaign/outreach/no_such_module.py")
    assert not missing_file("campaign/outreach/sending/drain.py")
    assert missing_file("campaign/nowhere/")
    assert bad_command("campaign launch SLUG --no-such-option")
    assert bad_command("campaign lunch SLUG")
    assert not bad_command("campaign lists pull NAME --path FILE")


def test_the_generated_pages_are_current() -> None:
    for name, made in (("commands", reference()), ("states", states.draw())):
        shown = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
        assert shown.rstrip() == made.rstrip(), f"docs/{name}.md is out of date: run `make docs`"


ROW = re.compile(r"^\| (?P<behavior>[^|]+) \| `(?P<file>[^`]+)` \| `(?P<name>[^`]+)` \|$", re.M)


def test_the_index_of_behaviors_points_at_functions_that_exist() -> None:
    rows = ROW.findall((ROOT / "docs" / "find-it.md").read_text(encoding="utf-8"))
    assert len(rows) >= 30
    moved = [f"{file} {name}" for _, file, name in rows if not defined(ROOT / file, name)]
    assert moved == []


def defined(path: Path, name: str) -> bool:
    """Whether a module defines this function, class, method or constant at its top level."""
    if not path.exists():
        return False
    names: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            names |= (
                {f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)}
                if isinstance(node, ast.ClassDef)
                else set()
            )
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return name in names
