// Zooming into the scan, and into its colours at the same place. The viewer is fetched
// when somebody first zooms; until the scan's tiles are made it shows the screen copies.

import { isElsewhere } from "./keys.js";

const STEP = 1.6; // how much one press of + or - changes
const PAN = 0.2; // of what is seen, for one press of an arrow
const LARGEST = 4; // pixels of the screen for one of the scan
const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const still = window.matchMedia("(prefers-reduced-motion: reduce)");

let library = null;
let zoom = null; // what is open now

function fetchLibrary(address) {
  library ??= new Promise((resolve, reject) => {
    // The viewer writes a style element unless it finds one, and the
    // Content-Security-Policy forbids that. This one is of no namespace and does
    // nothing; what the viewer would write is in zoom.css.
    const style = document.createElementNS(null, "style");
    style.setAttribute("data-openseadragon-mobile-css", "");
    document.head.append(style);
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => {
      // It warns of each tile that arrives after it was closed, which is no news.
      window.OpenSeadragon.console = { ...console, warn() {} };
      resolve(window.OpenSeadragon);
    };
    script.onerror = () => {
      library = null;
      reject(new Error("The viewer could not be fetched."));
    };
    document.head.append(script);
  });
  return library;
}

const pause = (milliseconds) =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

async function asked(address, method = "GET") {
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  const answer = await fetch(address, { method, headers });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return answer.json();
}

class Zoom {
  constructor(figure, OpenSeadragon) {
    this.figure = figure;
    this.OpenSeadragon = OpenSeadragon;
    this.stage = figure.querySelector(".compare-stage");
    this.scan = { width: Number(figure.dataset.width), ready: false };
    this.viewers = [];
    this.asking = false;
  }

  // Show the picture whole, then go to a place: {zoom, center}, or {by, at} where `at`
  // stays under the mouse.
  async open(place) {
    this.figure.classList.add("zoomed");
    this.stage.tabIndex = 0;
    const plates = [...this.figure.querySelectorAll(".compare-plate")];
    this.viewers = plates.map((plate) => this.viewer(plate));
    this.leader = this.viewers[0];
    await Promise.all(
      this.viewers.map((each) => new Promise((done) => each.addOnceHandler("open", done))),
    );
    if (!this.viewers.length) return; // closed meanwhile
    for (const each of this.viewers) {
      each.viewport.goHome(true);
      this.limit(each);
    }
    if (place.center) {
      const center = new this.OpenSeadragon.Point(...place.center);
      this.leader.viewport.zoomTo(place.zoom, null, true).panTo(center, true);
    } else {
      this.by(place.by, place.at);
    }
    for (const each of this.viewers) {
      each.addHandler("animation-finish", () => this.perhapsClose(each));
    }
    this.follow(this.leader);
    this.layRegions();
    this.prepare();
  }

  // The region that speaks for a suggestion goes where the picture goes.
  layRegions() {
    for (const viewer of this.viewers) {
      viewer.clearOverlays();
      const element = viewer.plate.querySelector(":scope > canvas.region");
      const picture = viewer.world.getItemAt(0);
      if (element && picture) viewer.addOverlay({ element, location: picture.getBounds() });
    }
  }

  viewer(plate) {
    const element = document.createElement("div");
    element.className = "compare-viewer";
    plate.append(element);
    const viewer = this.OpenSeadragon({
      element,
      tileSources: { type: "image", url: plate.querySelector("img").src, buildPyramid: false },
      drawer: "canvas",
      showNavigationControl: false,
      tabIndex: -1,
      preserveViewport: true,
      animationTime: still.matches ? 0 : 0.35,
      zoomPerScroll: 1.3,
      visibilityRatio: 0.5,
      minZoomImageRatio: 0.9,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
      gestureSettingsTouch: { flickEnabled: false },
    });
    viewer.plate = plate;
    // The keys are this page's own; the viewer would turn and mirror the picture.
    viewer.addHandler("canvas-key", (event) => {
      event.preventDefaultAction = true;
    });
    viewer.addHandler("viewport-change", () => this.follow(viewer));
    viewer.addHandler("after-resize", () => {
      // The viewer moves once more after it has said that it has its new size.
      setTimeout(() => {
        if (!this.viewers.length) return;
        this.limit(viewer);
        this.follow(this.leader);
      });
    });
    viewer.addHandler("tile-load-failed", () => this.again());
    for (const begun of ["pointerenter", "pointerdown", "wheel"]) {
      plate.addEventListener(begun, () => (this.leader = viewer), { passive: true });
    }
    return viewer;
  }

  get whole() {
    return this.leader.viewport.getHomeZoom();
  }

  // Pixels of the screen for one pixel of the scan.
  scale(viewer, level) {
    const wide = viewer.viewport.getContainerSize().x * window.devicePixelRatio;
    return (level * wide) / this.scan.width;
  }

  limit(viewer) {
    const most = LARGEST / this.scale(viewer, 1);
    viewer.viewport.maxZoomLevel = Math.max(most, 2 * viewer.viewport.getHomeZoom());
  }

  follow(viewer) {
    if (viewer !== this.leader) return;
    const level = viewer.viewport.getZoom(true);
    const center = viewer.viewport.getCenter(true);
    for (const other of this.viewers) {
      if (other === viewer || !other.isOpen()) continue;
      other.viewport.zoomTo(level, null, true).panTo(center, true);
    }
    this.tell();
  }

  by(factor, at = null) {
    const { viewport } = this.leader;
    const level = viewport.getZoom() * factor;
    if (level < this.whole * 1.02) return this.close();
    const corner = this.leader.element.getBoundingClientRect();
    const fixed =
      at &&
      viewport.viewerElementToViewportCoordinates(
        new this.OpenSeadragon.Point(at.x - corner.left, at.y - corner.top),
      );
    viewport.zoomTo(level, fixed).applyConstraints();
  }

  actual() {
    this.leader.viewport.zoomTo(1 / this.scale(this.leader, 1)).applyConstraints();
  }

  pan([across, down]) {
    const seen = this.leader.viewport.getBounds();
    const step = new this.OpenSeadragon.Point(
      across * PAN * seen.width,
      down * PAN * seen.height,
    );
    this.leader.viewport.panBy(step).applyConstraints();
  }

  // Who pinches it back to the whole is done. The viewer that says so is not done with itself.
  perhapsClose(viewer) {
    setTimeout(() => {
      if (!this.viewers.length || viewer !== this.leader) return;
      if (viewer.viewport.getZoom() < this.whole * 1.01) this.close();
    });
  }

  // Say how large the picture is seen, and which copy of it that is.
  tell(sentence = this.sentence) {
    this.sentence = sentence;
    const level = this.leader.viewport.getZoom(true);
    const percent = Math.round(100 * this.scale(this.leader, level));
    tellScale(this.figure, `${percent} %`, sentence);
  }

  async prepare() {
    if (this.asking) return;
    this.asking = true;
    try {
      const { tiles, prepare, preparing } = this.figure.dataset;
      let found = await asked(prepare, "POST");
      for (let wait = 400; found.state === "making" && this.viewers.length; wait *= 1.3) {
        this.tell(preparing);
        await pause(Math.min(wait, 4000));
        found = await asked(tiles);
      }
      if (!this.viewers.length) return;
      if (found.state === "ready") await this.sharpen();
      else this.tell(found.sentence || this.figure.dataset.unsharp);
    } catch {
      if (this.viewers.length) this.tell(this.figure.dataset.unsharp);
    } finally {
      this.asking = false;
    }
  }

  async sharpen() {
    for (const viewer of this.viewers) {
      const id = viewer.plate.dataset.iiif;
      const tileSource = { ...(await asked(`${id}/info.json`)), id };
      if (!this.viewers.length) return;
      viewer.addTiledImage({ tileSource, index: 0, replace: true });
    }
    this.scan.ready = true;
    this.sharpened = Date.now();
    this.figure.dataset.sharp = "true";
    this.tell("");
  }

  // The cache of tiles may be deleted at any time: then they are asked for again.
  again() {
    if (!this.scan.ready || Date.now() - this.sharpened < 10_000) return;
    this.scan.ready = false;
    this.prepare();
  }

  get place() {
    const { viewport } = this.leader;
    const center = viewport.getCenter();
    return { zoom: viewport.getZoom(), center: [center.x, center.y] };
  }

  close() {
    const viewers = this.viewers;
    this.viewers = [];
    if (zoom === this) zoom = null;
    this.figure.classList.remove("zoomed");
    delete this.figure.dataset.sharp;
    this.stage.removeAttribute("tabindex");
    tellScale(this.figure, "", "");
    for (const viewer of viewers) {
      const region = viewer.plate.querySelector("canvas.region");
      viewer.destroy();
      if (region) viewer.plate.append(withoutPlace(region));
      viewer.element?.remove();
    }
    for (const left of this.figure.querySelectorAll(".compare-viewer")) left.remove();
  }
}

// As it was before the viewer placed it.
function withoutPlace(region) {
  region.removeAttribute("style");
  return region;
}

function tellScale(figure, scale, sentence) {
  const shown = figure.querySelector("[data-zoom-actual]");
  shown.textContent = scale || shown.dataset.zoomActual;
  const said = figure.querySelector("[data-zoom-said]");
  if (said.textContent !== sentence) said.textContent = sentence;
  for (const button of figure.querySelectorAll("[data-zoom-by='out'], [data-zoom-whole]")) {
    button.disabled = !scale;
  }
}

let opening = false;

async function enter(figure, place) {
  if (opening || zoom || !figure?.querySelector(".compare-plate")) return;
  opening = true;
  try {
    const OpenSeadragon = await fetchLibrary(figure.dataset.zoom);
    if (!figure.isConnected) return;
    zoom = new Zoom(figure, OpenSeadragon);
    await zoom.open(place);
  } catch (problem) {
    zoom?.close();
    tellScale(figure, "", figure.dataset.unsharp);
  } finally {
    opening = false;
  }
}

const figureOf = (event) => event.target.closest("[data-zoom]");
const pointOf = (event) => ({ x: event.clientX, y: event.clientY });

function nearer(figure, by, at = null) {
  if (zoom) zoom.by(by, at);
  else enter(figure, { by, at });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-zoom-by], [data-zoom-whole], [data-zoom-actual]");
  const figure = button && figureOf(event);
  if (!figure) return;
  if ("zoomWhole" in button.dataset) zoom?.close();
  else if (button.dataset.zoomBy === "out") zoom?.by(1 / STEP);
  else if (button.dataset.zoomBy === "in") nearer(figure, STEP);
  else if (zoom) zoom.actual();
  else enter(figure, { by: STEP }).then(() => zoom?.actual());
  if (document.activeElement === document.body || button.disabled) zoom?.stage.focus();
});

document.addEventListener("dblclick", (event) => {
  const figure = event.target.closest(".compare-stage") && figureOf(event);
  if (figure && !zoom) nearer(figure, 2, pointOf(event));
});

// The wheel alone scrolls the page; with Ctrl, or as a pinch, it begins to zoom.
document.addEventListener(
  "wheel",
  (event) => {
    const figure = event.target.closest?.(".compare-stage") && figureOf(event);
    if (!figure) return;
    if (zoom) {
      // The divider lies over the viewers, which would have zoomed.
      if (!event.target.matches(".compare-divider") || !event.deltaY) return;
      event.preventDefault();
      zoom.by(event.deltaY < 0 ? 1.2 : 1 / 1.2, pointOf(event));
      return;
    }
    if (!event.ctrlKey) return;
    event.preventDefault();
    if (event.deltaY < 0) nearer(figure, 1.3, pointOf(event));
  },
  { passive: false },
);

// Arrows move the zoomed picture, unless a field or the divider has the focus.
window.addEventListener(
  "keydown",
  (event) => {
    const way = ARROWS[event.key];
    if (!zoom || !way || event.shiftKey || isElsewhere(event)) return;
    event.preventDefault();
    event.stopPropagation();
    zoom.pan(way);
  },
  true,
);

document.addEventListener("region:changed", () => zoom?.layRegions());

// Another version or side: the same place of the same scan is looked at again.
function swapped() {
  if (!zoom || zoom.figure.isConnected) return;
  const { figure: before, place } = zoom;
  zoom.close();
  const now = document.querySelector("[data-zoom]");
  if (now?.dataset.tiles === before.dataset.tiles) enter(now, place);
}

document.addEventListener("htmx:afterSwap", swapped);
document.addEventListener("htmx:oobAfterSwap", swapped);
