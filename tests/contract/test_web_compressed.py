"""Pages and reports are compressed for those who take it, and say the same."""

from __future__ import annotations

import gzip

import pytest

from campaign.web import compressed
from campaign.web.compressed import SMALLEST, compress
from tests.contract.doors import ACTION, UNSUBSCRIBE, page_of, press
from tests.contract.web import Answer, Web

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


def plain(answer: Answer) -> bytes:
    return gzip.decompress(answer.body) if answer.headers.get("content-encoding") == "gzip" else answer.body


@pytest.mark.deep
def test_a_page_is_compressed_for_whoever_takes_it_and_says_the_same(small: Web) -> None:
    paths = [small.link(ACTION), small.link(UNSUBSCRIBE, 2), page_of(small, "n"), "/", "/end-287g", small.report]
    for path in (*paths, f"{small.report}.csv", f"{small.report}.json?live=0", "/no/such/page"):
        whole, zipped = small.get(path), small.get(path, **GZIP)
        assert "content-encoding" not in whole.headers, path
        assert whole.headers["vary"] == zipped.headers["vary"] == "Accept-Encoding", path
        assert whole.status == zipped.status
        assert whole.headers["content-type"] == zipped.headers["content-type"]
        assert int(zipped.headers["content-length"]) == len(zipped.body)
        if len(whole.body) < SMALLEST:
            assert zipped.headers.get("content-encoding") is None
        else:
            assert zipped.headers["content-encoding"] == "gzip", path
            assert len(zipped.body) < len(whole.body) / 2
        if not path.startswith(small.report):  # which holds the time
            assert plain(zipped) == plain(whole), path


def test_so_is_the_answer_to_a_form_and_head_tells_the_same_as_get(small: Web) -> None:
    path = small.link(ACTION)
    answer = small.ask("POST", path, b"step=zip&zip=1", GZIP)
    assert answer.status == press(small, path, step="zip", zip="1").status
    assert answer.headers["content-encoding"] == "gzip"
    for headers in ({}, GZIP):
        got, head = small.ask("GET", path, headers=headers), small.ask("HEAD", path, headers=headers)
        assert head.body == b""
        for name in ("vary", "content-encoding", "content-length", "content-type"):
            assert head.headers.get(name) == got.headers.get(name), (name, headers)


@pytest.mark.parametrize(
    ("accept", "zipped"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("x-gzip", True),
        ("deflate, gzip; q=1.0, *;q=0", True),
        ("", False),
        ("identity", False),
        ("br", False),
        ("gzip;q=0", False),
        ("deflate, gzip ; q=0.00, br", False),
        ("gzipped", False),
    ],
)
def test_it_depends_on_what_the_reader_takes(small: Web, accept: str, zipped: bool) -> None:
    answer = small.get(small.link(ACTION), **{"Accept-Encoding": accept})
    assert ("content-encoding" in answer.headers) == zipped


def test_what_was_compressed_before_is_the_same_content() -> None:
    compressed._begin.cache_clear()
    head = b"<html><style>" + b"p { color: red } " * 500 + b"</style>"
    for content in (head + b"one " * 99, head + "dös ñ".encode() * 400, head, b"no style at all " * 100, b""):
        assert gzip.decompress(compress(content)) == content
    assert compressed._begin.cache_info().misses == 2, "with this style, and without any"
