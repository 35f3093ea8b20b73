"""A home page is not an office's form, however its address is written."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.congress import websites
from tests.unit.compose_samples import seat

SITE = "https://www.example.house.gov"


@pytest.mark.parametrize(
    "address",
    [
        "",
        SITE,
        f"{SITE}/",
        "https://example.house.gov/",
        "http://example.house.gov",
        "https://WWW.Example.House.gov//",
        f"{SITE}/index.html",
        f"{SITE}/home/",
        f"{SITE}/#contact",
        "https://other.house.gov/",
    ],
)
def test_a_home_page_is_no_form(address: str) -> None:
    assert websites.form(address, SITE) == ""


@pytest.mark.parametrize(
    "address",
    [
        f"{SITE}/contact",
        f"{SITE}/contact/email-me/",
        f"{SITE}/?p=contact",
        "https://outreach.senate.gov/iqextranet/EForm.aspx?__cid=Example&__fid=100024",
        f"{SITE}/public/?p=ContactForm",
    ],
)
def test_a_page_of_its_own_is_a_form(address: str) -> None:
    assert websites.form(address, SITE) == address


def test_a_website_below_a_path_is_no_form_either() -> None:
    assert websites.form(f"{SITE}/public/", f"{SITE}/public") == ""
    assert websites.form(f"{SITE}/public/contact", f"{SITE}/public") == f"{SITE}/public/contact"


@given(
    st.sampled_from(["", SITE, f"{SITE}/", f"{SITE}/public"]),
    st.sampled_from(["", SITE, f"{SITE}/", f"{SITE}/public", f"{SITE}/contact", "https://other.house.gov/"]),
)
def test_sorting_out_twice_changes_nothing_and_loses_no_address(url: str, form: str) -> None:
    holder = seat().holder
    assert holder
    made = websites.check_forms(replace(holder, url=url, form=form))
    assert websites.check_forms(made) == made
    assert bool(made.form or made.url) == bool(form or url)
    assert made.form in ("", form)
