"""A message file has front matter and a text; what is wrong in it is reported with its line."""

from __future__ import annotations

import pytest

from campaign.compose.rendering import language, message_file
from campaign.errors import CampaignError

SOURCE = """---
subject: >-
  {% if bill.alive %}Now
  {%- else %}Then{% endif %}
preheader: Call or write.
---
{{ greeting }}
"""


def test_a_file_has_its_front_matter_and_its_text_each_on_its_own_line() -> None:
    parts = message_file.parts("ask/first.en.md", SOURCE)
    assert {name: part.strip() for name, part in parts.items()} == {
        "ask/first.en.md#subject": "{% if bill.alive %}Now {%- else %}Then{% endif %}",
        "ask/first.en.md#preheader": "Call or write.",
        "ask/first.en.md": "{{ greeting }}",
    }
    assert parts["ask/first.en.md"].count("\n", 0, parts["ask/first.en.md"].index("{{")) == 6


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("Hello\n", "ask/x.md line 1: has no front matter"),
        ("---\nsubject: x\n", "ask/x.md line 1: has no front matter"),
        ("---\n- x\n---\n", "ask/x.md line 1: has no front matter"),
        ("---\na: b\nsubject: one: two\n---\nHi\n", "ask/x.md line 3: cannot be read: mapping values"),
        ("---\na: b\nsubject: [x]\n---\nHi\n", "ask/x.md line 3: subject is not text"),
        ("---\na: b\n? [x]\n: y\n---\nHi\n", "ask/x.md line 3: the name of a value is not text"),
        ("---\nsubject: x\nsubject: y\n---\nHi\n", "ask/x.md line 3: has subject twice"),
        ("---\nsubject: x\x0cy\n---\nHi\n", "ask/x.md line 1: cannot be read: special characters are not allowed"),
        (f"---\nsubject: {'[' * 3000}\n---\nHi\n", "ask/x.md line 1: cannot be read: it is nested too deeply"),
    ],
)
def test_front_matter_that_cannot_be_read_is_reported_with_its_line(source: str, says: str) -> None:
    with pytest.raises(CampaignError) as error:
        message_file.parts("ask/x.md", source)
    assert str(error.value).startswith(says)


def test_the_language_is_checked_in_each_part_with_the_line_of_the_file() -> None:
    source = SOURCE.replace("Call or", "Call {{ nobody }}").replace("greeting", "greting")
    found = language.check("ask/first.en.md", source)
    assert [problem.where for problem in found] == ["ask/first.en.md line 7", "ask/first.en.md line 5"]
