// Keys: each is declared on a real button or link by aria-keyshortcuts, and presses it.
// "/" belongs to the search field (page.js), Space to whatever compares (compare.js).

const WRITING =
  "input:not([type=range], [type=radio], [type=checkbox]), textarea, select, [contenteditable]";
const ARROWS = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);

export function isElsewhere(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  if (document.querySelector("dialog[open]")) return true;
  if (event.target.closest?.(WRITING)) return true;
  return ARROWS.has(event.key) && Boolean(event.target.closest?.("input"));
}

// As aria-keyshortcuts names them.
export function nameOf(event) {
  if (event.key === "+") return "Plus";
  const name = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  return event.shiftKey && /^[A-Z]$/.test(name) ? `Shift+${name}` : name;
}

function declaredFor(name) {
  const declared = document.querySelectorAll(
    ":is(a, button, summary)[aria-keyshortcuts]:not(:disabled)",
  );
  return [...declared].find((element) =>
    element.getAttribute("aria-keyshortcuts").split(" ").includes(name),
  );
}

// One request at a time. Keys that come while one is on its way are kept, until its
// answer stands and is marked. If that shows another photograph than they were pressed
// at, only moves are obeyed: nobody decides on a picture unseen.
const MOVES = new Set(["J", "K", "ArrowLeft", "ArrowRight"]);
const scene = () => document.querySelector("[data-scene]")?.dataset.scene;

let underWay = null;
let kept = [];

export function obey(deed, moves = false) {
  if (underWay) kept.push({ deed, moves, at: scene() });
  else deed();
}

function goOn() {
  underWay = null;
  while (kept.length && !underWay) {
    const { deed, moves, at } = kept.shift();
    if (moves || at === scene()) deed();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.key === " " || isElsewhere(event)) return;
  const name = nameOf(event);
  if (!declaredFor(name)) return;
  event.preventDefault();
  if (!event.repeat) obey(() => declaredFor(name)?.click(), MOVES.has(name));
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.closest("[data-scene]")) underWay = event.detail.xhr;
});

// Not at once: others that hear of the answer put their marks first.
document.addEventListener("htmx:afterSettle", ({ detail: { xhr } }) => {
  queueMicrotask(() => {
    if (underWay && underWay === xhr) goOn();
  });
});

for (const trouble of ["sendError", "sendAbort", "timeout", "responseError", "swapError"]) {
  document.addEventListener(`htmx:${trouble}`, () => {
    underWay = null;
    kept = [];
  });
}

// A button with data-opens opens the dialog of that name.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
});

// A control that an answer took away while it had the focus leaves it to its successor.
let focusBefore = null;

document.addEventListener("htmx:beforeSwap", () => {
  const item = document.activeElement?.closest("[id]:not(button, input, a)");
  focusBefore = item && item !== document.body ? item.id : null;
});

document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement !== document.body || !focusBefore) return;
  const item = document.getElementById(focusBefore);
  item?.querySelector("button:not(:disabled), a[href]")?.focus({ preventScroll: true });
  focusBefore = null;
});
