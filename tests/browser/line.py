"""The line between the browser and the archive, to be cut."""

from playwright.sync_api import Page


def cut(page: Page, addresses: str) -> None:
    """Let no request to these addresses (a glob) through any more.

    Return once a request of the page's own was cut off: twice, beside other work, one
    that was sent right after the route was added came through.
    """
    page.route(addresses, lambda route: route.abort())
    probe = addresses.replace("**", "").replace("*", "probe")
    page.wait_for_function(
        "address => fetch(address, { method: 'HEAD' }).then(() => false, () => true)",
        arg=probe,
    )
