"""A message file: front matter between two lines `---` (subject, preheader), then the text.

The front matter is YAML and is read before any template runs: rendering first would lose line breaks. Each part comes
back with as many blank lines before it as the file has, so that line numbers in findings are the file's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

import yaml

from campaign.errors import CampaignError

SUFFIX = ".md"  # its files must have front matter; a .txt file may
_MARK = "---"
_SHAPE = "Begin the file with ---, then a line like `subject: Your letter`, then --- again, then the text."
_QUOTES = "Put a value with a colon, a quote or a brace in it on the next line, after `key: >-`."


@lru_cache(maxsize=1024)
def parts(path: str, source: str) -> Mapping[str, str]:
    """Templates by name: `path` is the text, `path#key` a value of the front matter. Any other file is one part.

    Raises CampaignError, with file and line, for front matter that cannot be read.
    """
    if not path.endswith(SUFFIX) and not (path.endswith(".txt") and source.startswith(_MARK)):
        return {path: source}
    lines = source.splitlines(keepends=True)
    marks = [number for number, line in enumerate(lines) if line.rstrip() == _MARK]
    if len(marks) < 2 or marks[0] != 0:
        raise CampaignError("has no front matter", where=f"{path} line 1", do=_SHAPE)
    end = marks[1]
    fields = {field(path, key): value for key, value in _front_matter(path, "".join(lines[1:end]))}
    return {path: "\n" * (end + 1) + "".join(lines[end + 1 :]), **fields}


def path_of(kind: str, name: str, locale: str) -> str:
    """Where a message is in a campaign's folder: ask/first.en.md."""
    return f"{kind}/{name}.{locale}{SUFFIX}"


def field(path: str, key: str) -> str:
    """The name of one value of the front matter, as a template of its own."""
    return f"{path}#{key}"


def _front_matter(path: str, source: str) -> Iterator[tuple[str, str]]:
    try:
        root = yaml.compose(source, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise CampaignError(f"cannot be read: {error.problem}", where=f"{path} line {line}", do=_QUOTES) from None
    except (yaml.reader.ReaderError, RecursionError) as error:
        why = getattr(error, "reason", "it is nested too deeply")
        raise CampaignError(f"cannot be read: {why}", where=f"{path} line 1", do=_SHAPE) from None
    if not isinstance(root, yaml.MappingNode):
        raise CampaignError("has no front matter", where=f"{path} line 1", do=_SHAPE)
    keys: set[str] = set()
    for key, value in root.value:
        where = f"{path} line {key.start_mark.line + 2}"
        if not isinstance(key, yaml.ScalarNode):
            raise CampaignError("the name of a value is not text", where=where, do=_SHAPE)
        if not isinstance(value, yaml.ScalarNode):
            raise CampaignError(f"{key.value} is not text", where=where, do=_QUOTES)
        if key.value in keys:
            raise CampaignError(f"has {key.value} twice", where=where, do="Keep one.")
        keys.add(key.value)
        yield key.value, "\n" * (key.start_mark.line + 1) + value.value
