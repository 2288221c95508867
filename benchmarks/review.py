"""How soon the review queue answers a key, in real Chromium.

    python benchmarks/review.py [--latency 20] [--megabits 20]

Starts the program on a folder of its own, waits until the sample collection is
colorized and tagged, and walks its review queue by keyboard: `J` until the next
picture is there and painted, and `A` until the decision is told.
The peer of the walk is the same one without fetching the next pictures beforehand,
each in a browser that has seen nothing yet.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "docs"))
from screenshots import CURATOR, HEIGHT, PASSWORD, WIDTH, running

STEPS = 8
ALLOWED = 100
"""Milliseconds until the next picture is seen."""

WATCH = """
window.taken = [];
addEventListener("keydown", () => {
  const began = performance.now();
  const scene = () => document.querySelector("[data-scene]")?.dataset.scene;
  const told = () => document.querySelector(".review-last [role=status]")?.textContent;
  const before = [scene(), told()];
  const whole = () => {
    const pictures = [...document.querySelectorAll(".review-picture img")];
    return pictures.length && pictures.every((one) => one.complete && one.naturalWidth);
  };
  const look = () => {
    const changed = scene() !== before[0] || told() !== before[1];
    if (changed && whole()) taken.push(performance.now() - began);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}, true);
"""
UNPREPARED = """
window.Image = class { decode() { return Promise.resolve(); } };
"""


def main() -> None:
    """Print the medians."""
    read = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    read.add_argument("--latency", type=float, default=20, help="of the line, in ms")
    read.add_argument("--megabits", type=float, default=20, help="of it, a second")
    line = read.parse_args()
    with running(None) as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--disable-gpu"]
        )
        walks = {}
        for name, scripts in (
            ("prepared", [WATCH]),
            ("unprepared", [WATCH, UNPREPARED]),
        ):
            page = signed_in(chromium, address, scripts, line)
            walks[name] = [took for _step in range(STEPS) for took in times(page, "j")]
            page.context.close()
        page = signed_in(chromium, address, [WATCH], line)
        decided = []
        while len(decided) < STEPS:
            if page.locator(".review-decisions [data-waits]").count():
                decided += times(page, "a")
            else:
                times(page, "j")
        chromium.close()
    prepared, unprepared = (statistics.median(walks[name]) for name in walks)
    print(f"a line of {line.latency:g} ms and {line.megabits:g} Mbit/s")
    print(
        f"next picture: {prepared:.0f} ms (slowest {max(walks['prepared']):.0f}, "
        f"{ALLOWED} allowed), {prepared / unprepared:.2f} x the {unprepared:.0f} ms "
        "without fetching it beforehand"
    )
    print(f"a decision: {statistics.median(decided):.0f} ms, one key")


def signed_in(
    chromium: Browser, address: str, scripts: list[str], line: argparse.Namespace
) -> Page:
    """Return the review queue in a browser that has seen nothing yet."""
    context = chromium.new_context(viewport={"width": WIDTH, "height": HEIGHT})
    page = context.new_page()
    for script in scripts:
        page.add_init_script(script)
    page.goto(f"{address}/accounts/login/")
    page.get_by_label("Name").fill(CURATOR)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")
    bytes_a_second = line.megabits * 1e6 / 8
    context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": line.latency,
            "downloadThroughput": bytes_a_second,
            "uploadThroughput": bytes_a_second,
        },
    )
    page.goto(f"{address}/review/")
    page.wait_for_load_state("networkidle")
    return page


def times(page: Page, key: str) -> list[float]:
    """Return how many milliseconds a key took until the page showed it."""
    page.evaluate("taken.length = 0")
    page.keyboard.press(key)
    while not page.evaluate("taken.length"):
        page.wait_for_timeout(20)
    found: list[float] = page.evaluate("taken")
    page.wait_for_timeout(700)  # a practised person looks, too
    return found


if __name__ == "__main__":
    main()
