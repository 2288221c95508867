// A combobox over the vocabulary, after the pattern of the ARIA Authoring Practices:
// arrows walk through the terms, Enter takes one, Escape closes the list.

const field = () => document.getElementById("term-label");
const list = () => document.getElementById("term-choices");
const options = () => [...list().querySelectorAll("[role=option]")];
const active = () => list()?.querySelector("[aria-selected=true]");

let again = false; // whether the field gets the focus back after the answer

function equip() {
  const input = field();
  if (!input || input.getAttribute("role")) return;
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", "term-choices");
  input.setAttribute("aria-expanded", "false");
}

function mark(option) {
  active()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) field().setAttribute("aria-activedescendant", option.id);
  else field().removeAttribute("aria-activedescendant");
}

function open(shown) {
  const some = shown && options().length > 0;
  list().hidden = !some;
  field().setAttribute("aria-expanded", String(some));
  if (!some) mark(null);
}

function take(option) {
  const { form } = field();
  field().value = option.dataset.label;
  form.querySelector("[name=create]")?.remove();
  if ("create" in option.dataset) {
    const create = document.createElement("input");
    Object.assign(create, { type: "hidden", name: "create", value: "on" });
    form.append(create);
  }
  open(false);
  form.requestSubmit();
}

function step(by) {
  const all = options();
  if (list().hidden) return open(true);
  const at = all.indexOf(active());
  mark(all[at < 0 && by < 0 ? all.length - 1 : (at + by + all.length) % all.length]);
}

document.addEventListener("keydown", (event) => {
  if (event.target.id !== "term-label" || event.isComposing) return;
  const shown = !list().hidden;
  if (event.key === "ArrowDown") step(1);
  else if (event.key === "ArrowUp") step(-1);
  else if (event.key === "Enter" && shown && active()) take(active());
  else if (event.key === "Escape" && shown) open(false);
  else if (event.key === "Escape") field().value = "";
  else return;
  event.preventDefault();
});

document.addEventListener("mousedown", (event) => {
  const option = event.target.closest("#term-choices [role=option]");
  if (!option) return;
  event.preventDefault(); // the field keeps the focus
  take(option);
});

document.addEventListener("focusout", (event) => {
  if (event.target.id === "term-label") open(false);
});

document.addEventListener("submit", (event) => {
  again = event.target.matches("[data-terms]");
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "term-choices") return;
  open(document.activeElement === field() && field().value.trim() !== "");
});

// keys.js gives the focus to the first control of the part that was swapped; after a
// term it belongs to the field, for the next one.
document.addEventListener("htmx:afterSettle", (event) => {
  equip();
  if (!again || event.detail.target.id === "term-choices") return;
  again = false;
  setTimeout(() => field()?.focus({ preventScroll: true }));
});

equip();
