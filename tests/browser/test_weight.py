"""What a page weighs and how still it stands, measured in the browser."""

import gzip

import pytest

from tests.browser import seen

LARGEST = 150_000  # bytes of scripts and styles, compressed, beside the zoom viewer
STILL = 0.02  # cumulative layout shift
SHIFTS = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) sum += entry.value;
  }).observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 500);
})"""
BLOCKING = """() => performance.getEntriesByType("resource")
  .filter(each => each.renderBlockingStatus === "blocking")
  .filter(each => each.initiatorType !== "link" && each.initiatorType !== "css")
  .map(each => each.name)"""
PAGES = [
    "/",
    "/collections/",
    "/collections/{collection}/",
    "/search/",
    "/photographs/{photograph}/",
    "/photographs/{photograph}/alike/",
    "/photographs/{photograph}/steer/",
    "/review/",
    "/review/batch/",
    "/review/words/",
    "/ingest/",
    "/jobs/",
    "/jobs/taggers/",
    "/terms/",
    "/batches/",
]


def compressed(answers) -> dict[str, int]:
    """Bytes of each script and style, read once all have come.

    Reading a body waits for the browser: a handler that reads may end only after the
    page has been judged.
    """
    return {
        answer.url: len(gzip.compress(answer.body()))
        for answer in answers
        if answer.request.resource_type in {"script", "stylesheet"}
    }


@pytest.mark.results
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_are_light_and_stand_still(
    transactional_db, data_dir, tmp_path, curator, sign_in, live_server, width
):
    [photograph] = seen.shelf(tmp_path, 1)
    numbers = {"photograph": photograph.pk, "collection": photograph.collection_id}
    page = sign_in("curator")
    page.set_viewport_size({"width": width, "height": 900})
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    for place in PAGES:
        address = place.format(**numbers)
        answers.clear()
        page.goto(live_server.url + address)
        page.wait_for_load_state("networkidle")
        fetched = compressed(answers)
        assert sum(fetched.values()) < LARGEST, (address, fetched)
        assert len(fetched) > 3, address
        assert page.evaluate(SHIFTS) <= STILL, address
        assert page.evaluate(BLOCKING) == [], address
        named = [url for url in fetched if "openseadragon" in url]
        assert named == [], "the viewer is fetched only when somebody zooms"
