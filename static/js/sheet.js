// The contact sheet: selection with a range, its size without reloading, its facets.

const boxes = () => [...document.querySelectorAll('input[name="photograph"]')];
let last = null;

// What is selected on a sheet stays selected over its pages, filters and reloads, for
// as long as the tab is open. Each sheet has a selection of its own.
const place = () => `selected ${location.pathname}`;

function kept() {
  try {
    return new Set(JSON.parse(sessionStorage.getItem(place()) ?? "[]"));
  } catch {
    return new Set();
  }
}

function keep(keys) {
  try {
    sessionStorage.setItem(place(), JSON.stringify([...keys]));
  } catch {
    // Without room or permission the selection lasts as long as the page.
  }
}

function remember() {
  const keys = kept();
  for (const box of boxes()) {
    if (box.checked) keys.add(box.value);
    else keys.delete(box.value);
  }
  keep(keys);
  show();
}

function restore() {
  const keys = kept();
  for (const box of boxes()) box.checked = keys.has(box.value);
  show();
}

function show() {
  const bar = document.querySelector("[data-selection]");
  if (!bar) return;
  const all = boxes();
  const here = all.filter((box) => box.checked).length;
  const shown = new Set(all.map((box) => box.value));
  const elsewhere = [...kept()].filter((key) => !shown.has(key));
  const count = here + elsewhere.length;
  const said = bar.querySelector("[data-selected]");
  said.textContent = `${count} ${said.dataset.words}`;
  if (elsewhere.length) {
    said.textContent += `, ${elsewhere.length} ${said.dataset.elsewhereWords}`;
  }
  bar.querySelector("[data-elsewhere]").value = elsewhere.join(",");
  bar.querySelector("[data-forget]").hidden = count === 0;
  const page = bar.querySelector("[data-select-page]");
  page.checked = here > 0 && here === all.length;
  page.indeterminate = here > 0 && here < all.length;
  for (const button of bar.querySelectorAll("[data-needs-selection]")) {
    button.disabled = count === 0;
  }
}

// A shift-click gives every box between the last one and this one the same mark.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-forget]")) {
    keep([]);
    restore();
    return;
  }
  const box = event.target.closest('input[name="photograph"]');
  if (!box) return;
  const all = boxes();
  if (event.shiftKey && last && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    for (const between of all.slice(from, to + 1)) between.checked = box.checked;
  }
  last = box;
  remember();
});

// A shift-click on a label would select text.
document.addEventListener("mousedown", (event) => {
  if (event.shiftKey && event.target.closest(".cell-check")) event.preventDefault();
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-select-page]")) return;
  for (const box of boxes()) box.checked = event.target.checked;
  remember();
});

// The size changes at once; the choice is kept behind the scenes.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-appearance]");
  const button = event.submitter;
  const sheet = document.querySelector("#results .sheet");
  if (!form || button?.name !== "size" || !sheet) return;
  event.preventDefault();
  sheet.dataset.size = button.value;
  for (const one of form.querySelectorAll('[name="size"]')) {
    one.setAttribute("aria-pressed", String(one === button));
  }
  fetch(form.action, {
    method: "POST",
    body: new FormData(form, button),
    redirect: "manual",
  });
});

// Facets that were open stay open when the sheet changes.
let opened = [];

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "results") return;
  opened = [...document.querySelectorAll(".facet[open]")].map((one) => one.dataset.facet);
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "results") return;
  for (const name of opened) {
    const facet = document.querySelector(`.facet[data-facet="${name}"]`);
    if (facet) facet.open = true;
  }
});

// An address to share holds only what was asked for.
document.addEventListener("htmx:configRequest", (event) => {
  const asked = event.detail.formData;
  for (const name of new Set(asked.keys())) {
    const said = asked.getAll(name).filter(Boolean);
    asked.delete(name);
    for (const value of said) asked.append(name, value);
  }
});

document.addEventListener("htmx:afterSettle", restore);
window.addEventListener("pageshow", restore);
restore();
