"""A running archive, and a person signed in to it in a real browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests import cast

PATIENCE = 60_000  # milliseconds; the machine may be busy with other tests
expect.set_options(timeout=PATIENCE / 2)


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """Collect what the browser complains of; there must be nothing at the end.

    A violation of the Content-Security-Policy is an error in the console.
    """
    said: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            said.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield said
    assert said == []


@pytest.fixture
def sign_in(page: Page, live_server, complaints: list[str]) -> Callable[[str], Page]:
    """Return a function that signs a person in and opens an address."""
    page.set_default_timeout(PATIENCE)

    def enter(name: str, address: str = "/") -> Page:
        page.goto(f"{live_server.url}/accounts/login/?next={address}")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(cast.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{live_server.url}{address}")
        return page

    return enter
