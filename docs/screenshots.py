"""Take the pictures of every page, light and dark, that README and docs show.

    .venv/bin/python docs/screenshots.py [--only desk review] [--keep DIR]

Starts the program on a data folder of its own, waits until the sample collection is
colorized and tagged, decides a little, as a curator would, opens each page in Chromium
and stops the program again. Needs what `python3 start.py test` installs, and Chromium.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT = 1440, 900
CURATOR, PASSWORD = "curator", "something long 7"
PATIENCE_SECONDS = 900
SHOWN = "March Pastoral"
"""Words that find the photograph whose pages are shown."""
PUBLISHED = "Dust Bowl"
"""Words that find the photograph that is published."""
SURE = 0.9
"""Suggestions with a higher score are decided."""
WRONG = {"sea"}
"""What no picture of the sample shows, however sure a model is: rejected."""

EMPTY = "/srv"
"""Where the program believes to be at home, so that nobody's folders are shown."""

PAGES = {
    "desk": "/",
    "collections": "/collections/",
    "collection": "/collections/{collection}/",
    "collection-edit": "/collections/{collection}/edit/",
    "search": "/search/",
    "photograph": "/photographs/{photograph}/",
    "zoom": "/photographs/{photograph}/",
    "alike": "/photographs/{photograph}/alike/",
    "steering": "/photographs/{photograph}/steer/",
    "review": "/review/?at={waiting}",
    "review-batch": "/review/batch/",
    "machine-words": "/review/words/",
    "bulk-edit": "/batches/{batch}/ask/",
    "batches": "/batches/",
    "batch": "/batches/{batch}/",
    "import": "/photographs/import/",
    "gallery-settings": "/publishing/gallery/",
    "gallery": "/gallery/",
    "gallery-photograph": "/gallery/photographs/{published}/",
    "ingest": "/ingest/",
    "accession": "/ingest/1/",
    "jobs": "/jobs/",
    "taggers": "/jobs/taggers/",
    "terms": "/terms/",
    "api": "/api/docs/",
}
"""Name of the picture to address; numbers are filled in from the archive."""


def main() -> int:
    """Take the pictures that the command line names."""
    read = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    read.add_argument("--out", type=Path, default=HERE / "pictures")
    read.add_argument("--only", nargs="*", choices=["login", *PAGES], metavar="PAGE")
    read.add_argument("--keep", type=Path, help="a data folder to use and to keep")
    asked = read.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    wanted = asked.only or ["login", *PAGES]
    with running(asked.keep) as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--disable-gpu"]
        )
        for theme in ("light", "dark"):
            take(chromium, address, theme, wanted, asked.out)
        chromium.close()
    return 0


@contextmanager
def running(kept: Path | None) -> Iterator[str]:
    """Run the program on a data folder and give its address, once all work is done."""
    with tempfile.TemporaryDirectory(prefix="autochrome-pictures-") as folder:
        data = str(kept or folder)
        port = str(free_port())
        command = [sys.executable, str(HERE.parent / "start.py")]
        account = {"AUTOCHROME_USER": CURATOR, "AUTOCHROME_PASSWORD": PASSWORD}
        program = subprocess.Popen(
            [*command, "run", "--no-browser", "--data", data, "--port", port],
            env={**os.environ, **account, "HOME": EMPTY},
            stdout=subprocess.DEVNULL,
        )
        try:
            yield when_done(command, data, program)
        finally:
            subprocess.run([*command, "stop", "--data", data], check=False)
            program.wait()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def when_done(command: list[str], data: str, program: subprocess.Popen[bytes]) -> str:
    """Wait until everything is colorized and tagged; return the program's address.

    Raises:
        SystemExit: the program ended, or it takes too long.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and program.poll() is None:
        time.sleep(3)
        asked = [*command, "status", "--json", "--data", data]
        said = subprocess.run(asked, capture_output=True, check=False)
        if said.returncode:
            continue
        found: dict[str, Any] = json.loads(said.stdout)
        busy = any(found["jobs"].get(state) for state in ("queued", "running"))
        if found["tagged"] and not busy and answers(found["address"]):
            return str(found["address"]).rstrip("/")
    raise SystemExit("The program did not get its work done.")


def answers(address: str) -> bool:
    """Say whether the web server is up."""
    try:
        with urllib.request.urlopen(address, timeout=10):  # noqa: S310  our own
            return True
    except (OSError, ValueError):
        return False


def take(
    chromium: Browser, address: str, theme: str, wanted: list[str], out: Path
) -> None:
    """Take the wanted pages in one theme."""
    context = chromium.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(60_000)  # milliseconds
    page = context.new_page()
    page.goto(f"{address}/accounts/login/")
    if "login" in wanted:
        keep(page, out / f"login-{theme}.webp")
    page.get_by_label("Name").fill(CURATOR)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")
    numbers = found(page, address)
    if "batch" not in numbers:
        decide(page, address, numbers["published"])
        numbers = found(page, address)
    for name, place in PAGES.items():
        if name in wanted:
            page.goto(address + place.format(**numbers))
            if name == "zoom":
                nearer(page)
            keep(page, out / f"{name}-{theme}.webp")
    context.close()


def decide(page: Page, address: str, photograph: int) -> None:
    """Decide a little: settle what is sure, publish one, open the gallery, edit all."""
    token = next(c for c in page.context.cookies() if c["name"] == "csrftoken")
    headers = {"X-CSRFToken": token["value"], "Referer": address}

    def post(place: str, data: dict[str, Any]) -> dict[str, Any]:
        said = page.request.post(f"{address}/api/{place}", data=data, headers=headers)
        if not said.ok:
            raise SystemExit(f"{place}: {said.status} {said.text()}")
        answered: dict[str, Any] = said.json()
        return answered

    page.goto(f"{address}/photographs/{photograph}/")
    page.get_by_role("button", name="Accept the colours").click()
    page.get_by_text("Illustrative").first.wait_for()
    listed = page.request.get(f"{address}/api/suggestions/?state=awaiting").json()
    for suggestion in listed["results"]:
        if suggestion["score"] > SURE:
            said = "reject" if suggestion["term"]["label"] in WRONG else "accept"
            post(f"suggestions/{suggestion['id']}/{said}/", {})
    post(f"photographs/{photograph}/publish/", {})
    page.goto(f"{address}/publishing/gallery/")
    page.get_by_label("Open to the public").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Look at it").wait_for()
    texts = [{"field": "notes", "how": "append", "value": "Scanned in 2026."}]
    post("batches/", {"everything": True, "texts": texts})


def nearer(page: Page) -> None:
    """Zoom into the photograph until the scan itself is seen."""
    page.wait_for_load_state("networkidle")
    for _press in range(3):
        page.keyboard.press("+")
    page.locator("[data-sharp='true']").wait_for()
    page.wait_for_timeout(1000)  # milliseconds, until nothing moves any more


def found(page: Page, address: str) -> dict[str, int]:
    """Return the numbers that addresses are filled in with."""

    def listed(place: str) -> list[dict[str, Any]]:
        answered = page.request.get(f"{address}/api/{place}").json()
        rows: list[dict[str, Any]] = answered["results"]
        return rows

    [shown, *_others] = listed(f"photographs/?text={SHOWN}")
    [published, *_others] = listed(f"photographs/?text={PUBLISHED}")
    numbers = {"photograph": shown["id"], "collection": shown["collection"]["id"]}
    numbers["published"] = published["id"]
    waiting = Counter(
        row["photograph"] for row in listed("suggestions/?state=awaiting")
    )
    numbers["waiting"] = waiting.most_common(1)[0][0] if waiting else shown["id"]
    if batches := listed("batches/"):
        numbers["batch"] = batches[-1]["id"]
    return numbers


def keep(page: Page, path: Path) -> None:
    """Write what the window shows, once all of it is there."""
    page.wait_for_load_state("networkidle")
    for picture in page.locator("img:visible").all():
        picture.evaluate("each => each.decode().catch(() => {})")
    shot = Image.open(io.BytesIO(page.screenshot()))
    shot.convert("RGB").save(path, quality=82, method=6)
    print(path)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
