// The description saves itself: a moment after typing stops, and when a field is left.
// While one goes on writing in one field it is saved now and then, so that provenance
// is not filled with half sentences. What is not saved yet is kept in this browser.

const REST = 1500; // milliseconds after the last key
const APART = 15_000; // between two saves while the same field is being written
const RETRY = [2000, 5000, 10_000, 30_000];

const form = () => document.querySelector("[data-description]");
// As the server takes it: without blanks at the ends.
const plain = (text) => text.replaceAll("\r", "").trim();
const seenOf = (field) => field.form.elements[`initial-${field.name}`];

let timer = 0;
let sending = null;
let refreshing = null;
let failures = 0;
let offered = {}; // what was kept before this page was opened
let last = { name: "", at: 0 }; // what was saved last

function fields() {
  return [...(form()?.elements ?? [])].filter((field) => field.name && seenOf(field));
}

const changed = () =>
  fields().filter((field) => plain(field.value) !== plain(seenOf(field).value));
const waits = (field) => "conflict" in field.dataset;
const sendable = () =>
  changed().filter((field) => !waits(field) && field.dataset.refused !== field.value);

// What was typed and is not saved, in this browser's storage.

const key = () => `description:${form().dataset.description}`;

function keep() {
  const kept = Object.fromEntries(
    changed().map((field) => [
      field.name,
      { typed: field.value, seen: seenOf(field).value },
    ]),
  );
  try {
    const all = { ...offered, ...kept };
    if (Object.keys(all).length) localStorage.setItem(key(), JSON.stringify(all));
    else localStorage.removeItem(key());
    return true;
  } catch {
    return false; // storage is forbidden or full
  }
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(key())) ?? {};
  } catch {
    return {};
  }
}

function offer() {
  if (!form()) return;
  const found = kept();
  offered = found;
  for (const field of fields()) {
    if (plain(found[field.name]?.typed ?? field.value) === plain(field.value)) {
      delete found[field.name];
    }
  }
  const names = fields().filter((field) => found[field.name]);
  if (!names.length) return keep();
  const choice = clone("[data-autosave-draft]");
  for (const field of names) {
    const list = choice.querySelector("[data-fields]");
    const term = document.createElement("dt");
    term.textContent = field.labels[0].textContent;
    const typed = document.createElement("dd");
    typed.textContent = found[field.name].typed || "—";
    list.append(term, typed);
  }
  form().querySelector("[data-draft-offer]").replaceChildren(choice);
}

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-draft]")?.dataset.draft;
  if (!choice) return;
  const found = offered;
  offered = {};
  form().querySelector("[data-draft-offer]").replaceChildren();
  if (choice === "back") {
    for (const field of fields().filter((each) => found[each.name])) {
      seenOf(field).value = found[field.name].seen;
      field.value = found[field.name].typed;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    form().querySelector("button.primary").focus();
  }
  keep();
  if (choice === "back") save();
});

// Words.

function clone(selector) {
  return form().querySelector(selector).content.firstElementChild.cloneNode(true);
}

function tell(state, words = "") {
  const said = form()?.querySelector("[data-autosave-state]");
  if (!said) return;
  const looks = { saved: "done", same: "done", waiting: "waiting", saving: "waiting" };
  said.className = `state ${looks[state] ?? "failed"}`;
  const sentence = [said.dataset[state], words].filter(Boolean).join(" ");
  if (said.textContent !== sentence) said.textContent = sentence;
  const enter = form().querySelector("[data-autosave-enter]");
  if (state === "session") enter.hidden = false;
  else if (state === "saved") enter.hidden = true;
}

function clear(field) {
  delete field.dataset.refused;
  delete field.dataset.conflict;
  field.removeAttribute("aria-invalid");
  for (const old of field.closest(".field").querySelectorAll(".conflict, .errorlist")) {
    old.remove();
  }
}

function refuse(field, sentence) {
  clear(field);
  const list = document.createElement("ul");
  list.className = "errorlist";
  list.id = `${field.id}_error`;
  const item = document.createElement("li");
  item.textContent = sentence;
  list.append(item);
  field.closest(".field").append(list);
  field.setAttribute("aria-invalid", "true");
  field.dataset.refused = field.value;
}

function dispute(field, { said, theirs }) {
  clear(field);
  const choice = clone("[data-autosave-conflict]");
  choice.querySelector("[data-said]").textContent = said;
  const quoted = choice.querySelector("[data-theirs]");
  quoted.textContent = theirs || quoted.dataset.empty;
  field.closest(".field").append(choice);
  field.dataset.conflict = theirs;
}

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-take]");
  if (!choice) return;
  const field = choice.closest(".field").querySelector("[data-conflict]");
  const theirs = field.dataset.conflict;
  // First of all, since the button that goes away leaves the form, which saves.
  seenOf(field).value = theirs;
  if (choice.dataset.take === "theirs") field.value = theirs;
  clear(field);
  field.focus();
  keep();
  save();
});

// Saving.

function later() {
  clearTimeout(timer);
  const names = sendable().map((field) => field.name);
  if (!names.length) return;
  const same = names.length === 1 && names[0] === last.name;
  const rest = same ? Math.max(REST, last.at + APART - Date.now()) : REST;
  timer = setTimeout(save, rest);
}

export async function save({ leaving = false } = {}) {
  clearTimeout(timer);
  while (sending && !leaving) await sending;
  const sent = sendable();
  if (!form() || !sent.length) {
    if (form() && changed().length) tell("refused");
    return;
  }
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form().elements.csrfmiddlewaretoken.value);
  for (const field of sent) {
    body.set(field.name, field.value);
    body.set(`initial-${field.name}`, seenOf(field).value);
  }
  const signedOut = !form().querySelector("[data-autosave-enter]").hidden;
  if (!leaving && !signedOut) tell("saving");
  sending = send(form().dataset.autosave, body, leaving);
  const answer = await sending;
  sending = null;
  if (answer && form()) settle(answer);
}

async function send(address, body, keepalive) {
  try {
    const answer = await fetch(address, { method: "POST", body, keepalive });
    if (answer.redirected) return tell("session");
    if (answer.status === 403) return tell("old");
    if (!answer.ok) throw new Error(String(answer.status));
    failures = 0;
    return await answer.json();
  } catch {
    if (keepalive) return null;
    tell("away");
    clearTimeout(timer);
    timer = setTimeout(save, RETRY[Math.min(failures, RETRY.length - 1)]);
    failures += 1;
    return null;
  }
}

function settle({ saved, refused, conflicts, at }) {
  for (const field of fields()) {
    const { name } = field;
    if (name in saved) {
      clear(field);
      seenOf(field).value = saved[name];
      last = { name, at: Date.now() };
    } else if (name in refused) {
      refuse(field, refused[name]);
    } else if (name in conflicts) {
      dispute(field, conflicts[name]);
    }
  }
  keep();
  if (Object.keys(refused).length || Object.keys(conflicts).length) tell("refused");
  else if (changed().length) tell("waiting");
  else tell("saved", at);
  if (Object.keys(saved).length) {
    refresh();
  }
  later();
}

// The rest of the page shows what was saved: title, provenance, what can be undone.
function refresh() {
  const source = form().querySelector("[data-autosave-refresh]");
  const done = window.htmx.ajax("GET", source.dataset.autosaveRefresh, { source });
  refreshing = Promise.resolve(done).catch(() => {});
  refreshing.finally(() => (refreshing = null));
}

document.addEventListener("input", (event) => {
  if (!form() || event.target.form !== form() || !seenOf(event.target)) return;
  keep();
  if (changed().length) tell("waiting");
  later();
});

document.addEventListener("focusout", (event) => {
  if (form() && event.target.form === form() && sendable().length) save();
});

// What is undone is what was saved last: the writing of this moment first.
async function undoLater() {
  await save();
  await refreshing;
  document.querySelector("[data-undo]")?.requestSubmit();
}

// The button saves at once; without scripts it sends the form.
document.addEventListener(
  "submit",
  (event) => {
    const saves = event.target === form();
    const undoes = event.target.matches("[data-undo]");
    if (!saves && !(undoes && (sending || refreshing || sendable().length))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (undoes) return undoLater();
    if (!changed().length) return tell("same");
    for (const field of fields()) if (!waits(field)) delete field.dataset.refused;
    save();
  },
  true,
);

window.addEventListener("pagehide", () => {
  if (!form()) return;
  keep();
  if (sendable().length) save({ leaving: true });
});

window.addEventListener("beforeunload", (event) => {
  if (form() && changed().length && !keep()) event.preventDefault();
});

document.addEventListener("htmx:oobAfterSwap", (event) => {
  if (event.detail.target.id === "description") offer();
});

offer();
