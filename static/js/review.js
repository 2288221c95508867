// The review queue: which decision A and X are for, and the next pictures.

import { isElsewhere, obey } from "./keys.js";

const items = () => [...document.querySelectorAll(".review-decisions [data-item]")];

const VERBS = {
  "[data-accept]": "A",
  "[data-reject]": "X",
  "[data-accept-all]": "Shift+A",
  "[data-reject-all]": "Shift+X",
};

function mark(item) {
  for (const each of items()) {
    each.removeAttribute("aria-current");
    for (const verb of Object.keys(VERBS)) {
      each.querySelector(verb)?.removeAttribute("aria-keyshortcuts");
    }
  }
  item.setAttribute("aria-current", "true");
  for (const [verb, key] of Object.entries(VERBS)) {
    item.querySelector(verb)?.setAttribute("aria-keyshortcuts", key);
  }
  item.scrollIntoView({ block: "nearest" });
  document.dispatchEvent(new Event("review:marked"));
}

function markNext(step) {
  const open = items().filter((item) => "waits" in item.dataset);
  if (!open.length) return;
  const now = open.findIndex((item) => item.hasAttribute("aria-current"));
  mark(open[(now + step + open.length) % open.length]);
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  if (event.defaultPrevented || isElsewhere(event) || !items().length) return;
  event.preventDefault();
  obey(() => markNext(event.key === "ArrowDown" ? 1 : -1));
});

// After a decision the mark goes on from where it was, not back to what was skipped.
let decidedAt = null;

document.addEventListener("htmx:beforeRequest", (event) => {
  const item = event.detail.elt.closest("[data-item]");
  const all = items();
  decidedAt = item && {
    scene: document.querySelector("[data-scene]")?.dataset.scene,
    place: all.indexOf(item),
  };
});

function arrive() {
  const scene = document.querySelector("[data-scene]")?.dataset.scene;
  if (decidedAt && decidedAt.scene === scene) {
    const later = items().slice(decidedAt.place);
    const open = later.find((item) => "waits" in item.dataset);
    if (open) mark(open);
  }
  decidedAt = null;
  preload();
}

// The pictures of the next two photographs are fetched and decoded beforehand.
const ready = new Map();

function preload() {
  const named = document.querySelector("[data-preload]")?.dataset.preload ?? "";
  for (const address of named.split(" ").filter(Boolean)) {
    if (ready.has(address)) continue;
    const picture = new Image();
    picture.src = address;
    picture.decode().catch(() => ready.delete(address));
    ready.set(address, picture);
  }
  for (const address of [...ready.keys()].slice(0, -12)) ready.delete(address);
}

preload();
document.addEventListener("htmx:afterSettle", arrive);

// Without an answer nothing was decided: say so where the eye is.
for (const trouble of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(trouble, () => {
    const told = document.querySelector(".review-last [role=status]");
    if (told) told.textContent = told.dataset.trouble;
  });
}
