// The contact sheet: selection with a range, its size without reloading, its facets.

const boxes = () => [...document.querySelectorAll('input[name="photograph"]')];
let last = null;

function show() {
  const bar = document.querySelector("[data-selection]");
  if (!bar) return;
  const all = boxes();
  const count = all.filter((box) => box.checked).length;
  bar.querySelector("[data-selected]").textContent = `${count} selected`;
  const page = bar.querySelector("[data-select-page]");
  page.checked = count > 0 && count === all.length;
  page.indeterminate = count > 0 && count < all.length;
  for (const button of bar.querySelectorAll("[data-needs-selection]")) {
    button.disabled = count === 0;
  }
}

// A shift-click gives every box between the last one and this one the same mark.
document.addEventListener("click", (event) => {
  const box = event.target.closest('input[name="photograph"]');
  if (!box) return;
  const all = boxes();
  if (event.shiftKey && last && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    for (const between of all.slice(from, to + 1)) between.checked = box.checked;
  }
  last = box;
  show();
});

// A shift-click on a label would select text.
document.addEventListener("mousedown", (event) => {
  if (event.shiftKey && event.target.closest(".cell-check")) event.preventDefault();
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-select-page]")) return;
  for (const box of boxes()) box.checked = event.target.checked;
  show();
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

document.addEventListener("htmx:afterSettle", show);
window.addEventListener("pageshow", show);
show();
