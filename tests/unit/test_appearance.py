"""[brand] and [page] of campaign.toml: an image is known by its bytes, and only small real ones are taken."""

from __future__ import annotations

import re
import struct
import zlib
from base64 import b64decode
from pathlib import Path

import pytest

from campaign.compose.campaign_folder import disk, images
from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint import ask_checks
from campaign.compose.rendering import release
from campaign.config import ROOT
from campaign.errors import CampaignError, Problems
from tests.unit.compose_samples import BEFORE, CAMPAIGN_TOML, small


def png(width: int = 64, height: int = 40, *, padding: int = 0) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x14\x57\x6e" * width for _ in range(height))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pad = chunk(b"prVt", b"\0" * padding)
    return b"\x89PNG\r\n\x1a\n" + head + pad + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


# 1 x 1 images made with libjpeg and libwebp
JPEG = b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQ"
    "CgwSExIQEw8QEBD/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8A"
    "VN//2Q=="
)
LOSSY = b64decode("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
LOSSLESS = b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
EXTENDED = b"RIFF\0\0\0\0WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + b"\x1f\x03\x00\xdf\x01\x00"


def branded(lines: str, **files: bytes) -> Folder:
    packed = {name.replace("_", "."): images.pack(data) for name, data in files.items()}
    return small({"campaign.toml": CAMPAIGN_TOML + lines, **packed})


def problems(lines: str, **files: bytes) -> list[str]:
    with pytest.raises(Problems) as told:
        branded(lines, **files)
    return [f"{problem.where}: {problem.what}" for problem in told.value.problems]


@pytest.mark.parametrize(
    ("data", "kind", "size"),
    [
        (png(64, 40), "png", (64, 40)),
        (JPEG, "jpg", (1, 1)),
        (LOSSY, "webp", (1, 1)),
        (LOSSLESS, "webp", (1, 1)),
        (EXTENDED, "webp", (800, 480)),
    ],
)
def test_an_image_is_known_by_its_bytes(data: bytes, kind: str, size: tuple[int, int]) -> None:
    found = images.image(images.pack(data))
    assert (found.kind, (found.width, found.height), found.data) == (kind, size, data)
    assert found.name.endswith(f".{kind}")
    assert found.name != images.image(images.pack(png(2, 2))).name


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a\x01\x00\x01\x00",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0" + b"\0" * 40,
        JPEG[:20],
        b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 40,
        b"RIFF\0\0\0\0WAVE" + b"\0" * 40,
        png(0, 40),
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(CampaignError, match="not a PNG, JPEG or WebP image"):
        images.image(images.pack(data))


def test_a_campaign_without_brand_and_page_is_as_before() -> None:
    campaign = small().campaign
    assert (campaign.brand.logo, campaign.brand.accent, campaign.page.image) == ("", "", "")
    assert campaign.page.indexable is False


def test_brand_and_page_are_read() -> None:
    folder = branded(
        '[brand]\nlogo = "logo.png"\naccent = "#7A1F5C"\n[page]\nindexable = true\nimage = "share.png"\n',
        logo_png=png(),
        share_png=png(600, 315),
    )
    assert folder.campaign.brand.accent == "#7a1f5c"
    assert folder.campaign.page.indexable
    logo, shared = folder.image(folder.campaign.brand.logo), folder.image(folder.campaign.page.image)
    assert logo is not None
    assert shared is not None
    assert (logo.data, shared.width) == (png(), 600)
    assert "logo.png" not in folder.templates, "an image is no template"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('[brand]\nlogo = "missing.png"\n', "[brand] logo: names 'missing.png', which is not an image here"),
        ('[brand]\nlogo = "facts.toml"\n', "[brand] logo: names 'facts.toml', which is not an image here"),
        ('[brand]\nlogo = "svg.png"\n', "[brand] logo: svg.png is not a PNG, JPEG or WebP image"),
        ('[brand]\nlogo = "heavy.png"\n', "[brand] logo: has 120 kB"),
        ('[brand]\nlogo = "wide.png"\n', "[brand] logo: has 5000 x 40 pixels"),
        ('[brand]\nlogo = "tiny.png"\n', "[brand] logo: has 8 x 40 pixels"),
        ('[brand]\naccent = "petrol"\n', "[brand] accent: is 'petrol'"),
        ('[brand]\naccent = "#14576e;color:red"\n', "[brand] accent: is '#14576e;color:red'"),
        ('[brand]\naccent_dark = "#14576e"\n', "[brand] accent_dark: needs accent too"),
        ('[brand]\ncolour = "#14576e"\n', "[brand] colour: is not a known key"),
        ('[page]\nimage = "tiny.png"\n', "[page] image: has 8 x 40 pixels"),
        ('[page]\nindexable = "yes"\n', "[page] indexable: is 'yes'"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(lines: str, told: str) -> None:
    files = {"svg_png": b"<svg/>", "heavy_png": png(padding=120_000), "wide_png": png(5000), "tiny_png": png(8)}
    assert [problem.partition(" line ")[2].partition(" ")[2] for problem in problems(lines, **files)] == [told]


def test_the_release_has_the_bytes_of_the_logo(tmp_path: Path) -> None:
    (tmp_path / "campaign.toml").write_text("")
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "logo.png").write_bytes(png())
    files = disk.read(tmp_path)
    assert images.unpack(files["page/logo.png"]) == png()
    one, other = (branded('[brand]\nlogo = "logo.png"\n', logo_png=png(64, side)) for side in (40, 41))
    assert release.from_folder(one).hash != release.from_folder(other).hash


def test_an_image_that_is_too_large_is_not_read_at_all(tmp_path: Path) -> None:
    (tmp_path / "campaign.toml").write_text("")
    (tmp_path / "photo.png").write_bytes(png(padding=images.LARGEST))
    with pytest.raises(Problems, match=r"photo.png: has 300 kB"):
        disk.read(tmp_path)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('accent = "#7a1f5c"', ""),
        ('accent = "#7a1f5c"\naccent_dark = "#e7a3cf"', ""),
        ('accent = "#e07a00"', "#e07a00 can't be read in light mode: its contrast with #efece5 is 2.6, not 4.5"),
        (
            'accent = "#7a1f5c"\naccent_dark = "#7a1f5c"',
            "#7a1f5c can't be read in dark mode: its contrast with #1d3841 is 1.3, not 4.5",
        ),
    ],
)
def test_check_says_which_shade_can_be_read(lines: str, told: str) -> None:
    errors = ask_checks.check(branded(f"[brand]\n{lines}\n"), BEFORE).errors
    assert [error.what for error in errors] == ([told] if told else [])
    for error in errors:
        key, _, shade = error.do.partition(": ")[2].partition(" = ")
        assert error.where.endswith(f"[brand] {key}")
        mended = re.sub(rf"{key} = .*", f"{key} = {shade}", lines)
        assert ask_checks.check(branded(f"[brand]\n{mended}\n"), BEFORE).errors == ()


def test_an_article_of_the_name_is_written_with_a_capital() -> None:
    for name, told in (("the Small Coalition", 1), ("The Small Coalition", 0), ("Theodora’s Friends", 0)):
        settings = CAMPAIGN_TOML.replace("Neighbors & Friends", name)
        warnings = ask_checks.check(small({"campaign.toml": settings}), BEFORE).warnings
        assert sum("small letter" in warning.what for warning in warnings) == told
    for path in (*ROOT.glob("templates/web/*"), *ROOT.glob("templates/end-287g/**/*.*")):
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        assert not re.search(r"\b(the|el|la|los|las|del|al)\s+\{+\s*(campaign\.)?organization", text, re.I), path
