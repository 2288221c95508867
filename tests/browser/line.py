"""The line between the browser and the archive: to be cut, or to be slow."""

from collections.abc import Callable

from playwright.sync_api import Page, Route

TRIES = 50
ASK = "address => fetch(address, { method: 'HEAD' }).catch(String).then(() => null)"


def answer(page: Page, addresses: str, how: Callable[[Route], None]) -> list[str]:
    """Answer requests to these addresses (a glob) in another way from now on.

    Return once a request of the page's own was answered so: twice, beside other work,
    one that was sent right after the route was added came through.

    Returns:
        The addresses that are asked for, which grows.
    """
    asked: list[str] = []

    def each(route: Route) -> None:
        asked.append(route.request.url)
        how(route)

    page.route(addresses, each)
    probe = addresses.replace("**", "").replace("*", "probe")
    for _ in range(TRIES):
        if not asked:
            page.evaluate(ASK, probe)
    assert asked, f"Requests to {addresses} are still answered as before."
    asked.clear()
    return asked


def cut(page: Page, addresses: str) -> None:
    """Let no request to these addresses through any more, as :func:`answer` does."""
    answer(page, addresses, lambda route: route.abort())
