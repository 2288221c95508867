"""An accession's report follows the work, and knows when the session is over."""

import pytest
from playwright.sync_api import expect

from archive.models import Accession, AccessionItem
from archive.vocabularies import AccessionState, ItemOutcome
from tests import catalogue

PATIENCE = 60_000


@pytest.fixture
def accession(transactional_db, curator):
    live = Accession.objects.create(
        collection=catalogue.collection("F", title="Kessler family"),
        source="/scans/box 3",
        state=AccessionState.EXAMINING,
        started_by=curator,
    )
    for name in "ab":
        AccessionItem.objects.create(
            accession=live, path=f"{name}.tif", outcome=ItemOutcome.NEW
        )
    return live


def test_the_report_follows_the_work(accession, curator, sign_in):
    page = sign_in("curator", accession.get_absolute_url())
    expect(page.get_by_text("0 of 2 files")).to_be_visible()
    accession.items.filter(path="a.tif").update(sha256="ab" * 32)
    expect(page.get_by_text("1 of 2 files")).to_be_visible(timeout=PATIENCE)
    accession.items.update(sha256="ab" * 32)
    Accession.objects.update(state=AccessionState.EXAMINED)
    expect(page.get_by_role("button", name="Ingest 2 new photographs")).to_be_visible(
        timeout=PATIENCE
    )
    expect(page.locator("[data-poll]")).to_have_count(0)


def test_when_the_session_is_over_the_page_asks_to_sign_in(accession, curator, sign_in):
    page = sign_in("curator", accession.get_absolute_url())
    expect(page.get_by_text("0 of 2 files")).to_be_visible()
    page.context.clear_cookies()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Sign in", timeout=PATIENCE
    )
    assert accession.get_absolute_url() in page.url
