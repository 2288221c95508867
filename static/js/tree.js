// The tree of collections: one is taken up, by its button or by dragging its row, and
// put below another. The buttons say what they do; the server says what cannot be.

const form = document.querySelector("[data-move]");
const rows = [...document.querySelectorAll("[data-row]")];
let carried = null;

const { gettext } = window;
const said = (message, values) => window.interpolate(message, values, true);

function words(button, short, whole) {
  button.textContent = short;
  button.setAttribute("aria-label", whole);
}

function buttonOf(row) {
  return row.querySelector("[data-carry]");
}

function show() {
  const name = carried && buttonOf(carried).dataset.name;
  form.hidden = !carried;
  for (const row of rows) {
    const button = buttonOf(row);
    const own = button.dataset.name;
    row.classList.toggle("carried", row === carried);
    row.classList.remove("over");
    if (!carried) {
      words(button, gettext("Move"), said(gettext("Move %(name)s"), { name: own }));
    } else if (row === carried) {
      words(
        button,
        gettext("Leave it"),
        said(gettext("Leave %(name)s where it is"), { name: own }),
      );
    } else {
      words(
        button,
        gettext("Put below"),
        said(gettext("Put %(name)s below %(parent)s"), { name, parent: own }),
      );
    }
  }
  if (carried) {
    form.querySelector("[data-told]").textContent = said(
      gettext("%(name)s is taken up. Choose what it is to stand below; Escape leaves it."),
      { name },
    );
  }
}

function carry(row) {
  carried = row;
  show();
}

function leave() {
  const button = carried && buttonOf(carried);
  carried = null;
  show();
  button?.focus();
}

function put(parent) {
  form.action = buttonOf(carried).href;
  form.elements.seen_below.value = carried.dataset.parent;
  form.elements.parent.value = parent;
  form.submit();
}

function chosen(event) {
  const button = event.target.closest("[data-carry]");
  const row = event.target.closest("[data-row]");
  if (!button || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (!carried) carry(row);
  else if (row === carried) leave();
  else put(row.dataset.row);
}

function key(event) {
  if (event.key === "Escape" && carried) leave();
  if (event.key === " " && event.target.closest("[data-carry]")) chosen(event);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const open = rows.filter((row) => !row.hidden);
  const here = open.indexOf(event.target.closest("[data-row]"));
  if (!carried || !step || here < 0) return;
  event.preventDefault();
  buttonOf(open[(here + step + open.length) % open.length]).focus();
}

if (form) {
  document.addEventListener("click", chosen);
  document.addEventListener("keydown", key);
  form.querySelector("[data-leave]").addEventListener("click", leave);
  form.querySelector("[data-put]").addEventListener("click", () => put(""));
  for (const row of rows) {
    buttonOf(row).setAttribute("role", "button");
    row.addEventListener("dragstart", (event) => {
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", row.dataset.row);
      // The row changes after its picture has been taken.
      setTimeout(() => carry(row));
    });
    row.addEventListener("dragover", (event) => {
      if (!carried || row === carried) return;
      event.preventDefault();
      row.classList.add("over");
    });
    row.addEventListener("dragleave", () => row.classList.remove("over"));
    row.addEventListener("drop", (event) => {
      event.preventDefault();
      if (carried && row !== carried) put(row.dataset.row);
    });
    row.addEventListener("dragend", leave);
  }
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    if (carried) put("");
  });
  show();
  // Who has moved one goes on from it, once the browser has gone to its row.
  window.addEventListener("load", () => {
    const moved = location.hash && document.getElementById(location.hash.slice(1));
    if (moved) setTimeout(() => buttonOf(moved)?.focus({ preventScroll: true }));
  });
}
