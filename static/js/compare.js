// Comparing the original and the colours: the divider, holding Space, the way chosen.

import { isElsewhere } from "./keys.js";

const KEPT = "compare";

const figures = () => document.querySelectorAll("[data-compare]:has(.compare-divider)");

// On the plates, which have no id: htmx carries the style of an element with an id over
// as an attribute, which the Content-Security-Policy forbids.
function place(divider) {
  const plates = divider.closest(".compare-plates");
  plates.style.setProperty("--at", divider.value / 100);
  plates.style.setProperty(
    "--divider",
    `calc(3px + (100% - 6px) * ${divider.value / 100})`,
  );
}

function show(original) {
  for (const figure of figures()) figure.classList.toggle("shows-original", original);
}

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null; // storage is forbidden: the way chosen lasts as long as the page
  }
}

function keep(way) {
  try {
    localStorage.setItem(KEPT, way);
  } catch {
    // as above
  }
}

function choose() {
  const way = kept();
  for (const figure of figures()) {
    const radio = figure.querySelector(`[name=compare][value="${way}"]`);
    if (radio) radio.checked = true;
    place(figure.querySelector(".compare-divider"));
  }
}

choose();
document.addEventListener("htmx:afterSwap", choose);
document.addEventListener("htmx:oobAfterSwap", choose);

document.addEventListener("input", (event) => {
  if (event.target.matches(".compare-divider")) place(event.target);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-compare] [name=compare]")) keep(event.target.value);
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-compare-cycle]")) return;
  for (const figure of figures()) {
    const ways = [...figure.querySelectorAll("[name=compare]")];
    const next = ways[(ways.findIndex((way) => way.checked) + 1) % ways.length];
    next.checked = true;
    keep(next.value);
  }
});

// Space shows the original as long as it is held, wherever the focus is but in a
// field; a button that has the focus is pressed by Enter.
document.addEventListener("keydown", (event) => {
  if (event.key !== " " || isElsewhere(event) || !figures().length) return;
  if (event.target.closest("summary, input[type=checkbox]")) return;
  event.preventDefault();
  show(true);
});

document.addEventListener(
  "keyup",
  (event) => {
    if (event.key !== " " || !document.querySelector(".shows-original")) return;
    event.preventDefault(); // or the button that has the focus would be pressed
    show(false);
  },
  true,
);

window.addEventListener("blur", () => show(false));

document.addEventListener("pointerdown", (event) => {
  const figure = event.target.closest("[data-compare]:has(.compare-divider)");
  if (!figure) return;
  // Where the picture is zoomed, pressing it moves it.
  const blinks = figure.matches(":not(.zoomed):has([value=blink]:checked)");
  const held = event.target.closest("[data-compare-hold]");
  if (held || (blinks && event.target.closest(".compare-plates"))) show(true);
});

for (const ended of ["pointerup", "pointercancel"]) {
  document.addEventListener(ended, () => show(false));
}
