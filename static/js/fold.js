// Branches of the tree are folded and unfolded; what was folded stays so in this browser.

const KEPT = "autochrome.folded";
const rows = [...document.querySelectorAll("[data-row]")];
const depth = (row) => Number(row.querySelector("[data-depth]").dataset.depth);
const folded = new Set(read());
const { gettext } = window;

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? [];
  } catch {
    return [];
  }
}

function keep() {
  try {
    localStorage.setItem(KEPT, JSON.stringify([...folded]));
  } catch {
    // Then it is forgotten with the page.
  }
}

// Hide what is below a folded branch.
function show() {
  let limit = Infinity;
  for (const row of rows) {
    if (depth(row) <= limit) limit = Infinity;
    row.hidden = depth(row) > limit;
    const isFolded = folded.has(row.dataset.row);
    row.querySelector(".twist")?.setAttribute("aria-expanded", String(!isFolded));
    if (isFolded) limit = Math.min(limit, depth(row));
  }
}

function turn(row, fold = !folded.has(row.dataset.row)) {
  folded[fold ? "add" : "delete"](row.dataset.row);
  keep();
  show();
}

function twist(row) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "twist";
  const name = row.querySelector("a").textContent;
  const words = window.interpolate(gettext("What stands below %(name)s"), { name }, true);
  button.setAttribute("aria-label", words);
  button.addEventListener("click", () => turn(row));
  button.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") turn(row, true);
    if (event.key === "ArrowRight") turn(row, false);
  });
  row.querySelector(".branch").prepend(button);
}

rows.forEach((row, place) => {
  const next = rows[place + 1];
  if (next && depth(next) > depth(row)) twist(row);
  else folded.delete(row.dataset.row);
});

// Where the address leads is never hidden.
let above = document.getElementById(location.hash.slice(1))?.dataset.parent;
while (above) {
  folded.delete(above);
  above = document.getElementById(`collection-${above}`)?.dataset.parent;
}
show();
