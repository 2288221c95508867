// Steering: points on the picture, by mouse, touch and keyboard, and the form beside it.
// Places are shares of the picture's sides; the server keeps them, this file only asks.

const STEP = 0.005;
const LARGE_STEP = 0.05;
const PAUSE = 500; // milliseconds after the last arrow key
const NEAR = 4; // pixels that a finger may slip without moving a point

const root = document.querySelector("[data-steer]");
const form = document.querySelector("[data-hint-form]");
const stage = () => document.getElementById("steer-stage");
const picture = () => stage().querySelector("[data-steer-picture]");
const number = () => stage().dataset.number;
const points = () => [...stage().querySelectorAll(".steer-point")];
const pointOf = (hint) => points().find((point) => point.dataset.hint === hint);

// Where the picture is and what its points are.

function put(point) {
  point.style.left = `${point.dataset.x * 100}%`;
  point.style.top = `${point.dataset.y * 100}%`;
  point.style.backgroundColor = point.dataset.colour;
  point.hidden = false;
}

function placeIn(event) {
  const box = picture().querySelector("img").getBoundingClientRect();
  const within = (share) => Math.min(1, Math.max(0, share));
  return {
    x: within((event.clientX - box.left) / box.width),
    y: within((event.clientY - box.top) / box.height),
  };
}

function move(point, place) {
  point.dataset.x = place.x.toFixed(5);
  point.dataset.y = place.y.toFixed(5);
  put(point);
  if (form && form.elements.hint.value === (point.dataset.hint ?? "")) fill(place);
}

// The form: a new hint, or one that is changed.

let pending = null; // the point of a hint that is not placed yet

function fill(place) {
  form.elements.x.value = (place.x * 100).toFixed(2);
  form.elements.y.value = (place.y * 100).toFixed(2);
}

function title() {
  const old = form.elements.hint.value !== "";
  for (const one of form.querySelectorAll("[data-when-new]")) one.hidden = old;
  for (const one of form.querySelectorAll("[data-when-old]")) one.hidden = !old;
  for (const point of points()) {
    if (point.dataset.hint && point.dataset.hint === form.elements.hint.value)
      point.setAttribute("aria-current", "true");
    else point.removeAttribute("aria-current");
  }
}

function draw() {
  for (const old of stage().querySelectorAll(".pending")) old.remove();
  if (!pending || !picture()) return null;
  const point = document.createElement("button");
  point.type = "button";
  point.className = "steer-point pending";
  point.textContent = "+";
  point.setAttribute("aria-label", window.gettext("The new point. Arrow keys move it."));
  Object.assign(point.dataset, pending, { colour: form.elements.colour.value });
  picture().append(point);
  put(point);
  return point;
}

function begin(place) {
  if (form.elements.hint.value) clearForm();
  pending = { x: place.x.toFixed(5), y: place.y.toFixed(5) };
  fill(place);
  return draw();
}

function edit(hint) {
  const point = pointOf(hint);
  if (!point || !form) return;
  pending = null;
  draw();
  form.elements.hint.value = hint;
  fill({ x: Number(point.dataset.x), y: Number(point.dataset.y) });
  colour(point.dataset.colour);
  form.elements.why.value = point.dataset.why;
  title();
  form.elements.why.focus();
}

function clearForm() {
  pending = null;
  for (const name of ["hint", "x", "y", "why"]) form.elements[name].value = "";
  draw();
  title();
}

function colour(value) {
  form.elements.colour.value = value;
  let words = value;
  for (const radio of form.querySelectorAll("[name=swatch]")) {
    radio.checked = radio.value === value;
    if (radio.checked) words = radio.dataset.words;
  }
  form.querySelector("[data-colour-words]").textContent = words;
  if (pending) draw();
}

// Asking the server. One thing at a time: a move waits for what is under way.

let underWay = false;
let next = null;

function send(verb, values) {
  if (underWay) {
    next = () => send(verb, values);
    return;
  }
  window.htmx.ajax("POST", `${location.pathname}${verb}/`, {
    source: root,
    target: "#steer-stage",
    swap: "outerHTML",
    values: { number: number(), ...values },
  });
}

const sendMove = (point) =>
  send("place", {
    hint: point.dataset.hint,
    x: (point.dataset.x * 100).toFixed(3),
    y: (point.dataset.y * 100).toFixed(3),
  });

// By keyboard.

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
let later = 0;

function onKey(event) {
  const point = event.target.closest(".steer-point");
  if (!point) return;
  const way = WAYS[event.key];
  if (way) {
    event.preventDefault();
    const step = event.shiftKey ? LARGE_STEP : STEP;
    const within = (share) => Math.min(1, Math.max(0, share));
    move(point, {
      x: within(Number(point.dataset.x) + way[0] * step),
      y: within(Number(point.dataset.y) + way[1] * step),
    });
    if (point === stage().querySelector(".pending")) {
      pending = { x: point.dataset.x, y: point.dataset.y };
    } else {
      clearTimeout(later);
      later = setTimeout(() => sendMove(point), PAUSE);
    }
  } else if (event.key === "Delete" && point.dataset.hint) {
    event.preventDefault();
    send("remove", { hint: point.dataset.hint });
  }
}

// By mouse and by touch.

let held = null;

function onDown(event) {
  if (event.button || !event.target.closest("[data-steer-picture][data-open]")) return;
  const point = event.target.closest(".steer-point");
  if (!point) return;
  held = { point, x: event.clientX, y: event.clientY, moved: false };
  point.setPointerCapture(event.pointerId);
}

function onMove(event) {
  if (!held) return;
  const far = Math.hypot(event.clientX - held.x, event.clientY - held.y);
  if (far > NEAR) held.moved = true;
  if (held.moved) move(held.point, placeIn(event));
}

function onUp() {
  if (!held) return;
  const { point, moved } = held;
  if (moved && point.dataset.hint) sendMove(point);
  if (moved && !point.dataset.hint) pending = { x: point.dataset.x, y: point.dataset.y };
  setTimeout(() => (held = null)); // the click that follows belongs to the dragging
}

function onClick(event) {
  if (event.target.closest("[data-by-keyboard]")) {
    begin({ x: 0.5, y: 0.5 })?.focus();
    return;
  }
  const row = event.target.closest("[data-edit]");
  if (row) return edit(row.dataset.edit);
  const point = event.target.closest(".steer-point");
  if (point) {
    if (!held?.moved && point.dataset.hint) edit(point.dataset.hint);
    return;
  }
  if (event.target.closest("[data-steer-picture][data-open]")) begin(placeIn(event));
}

function hold(shown) {
  picture()?.classList.toggle("shows-original", shown);
}

if (root) {
  points().forEach(put);
  root.addEventListener("keydown", onKey);
  root.addEventListener("pointerdown", onDown);
  root.addEventListener("pointermove", onMove);
  root.addEventListener("click", onClick);
  for (const over of ["pointerup", "pointercancel"]) {
    document.addEventListener(over, () => {
      onUp();
      hold(false);
    });
  }
  root.addEventListener("pointerdown", (event) => {
    if (event.target.closest("[data-steer-hold]")) hold(true);
  });
  root.addEventListener("keydown", (event) => {
    if ([" ", "Enter"].includes(event.key) && event.target.closest("[data-steer-hold]"))
      hold(true);
  });
  root.addEventListener("keyup", () => hold(false));
  root.addEventListener("input", (event) => {
    if (event.target.name === "swatch" || event.target.name === "colour")
      colour(event.target.value);
    if (event.target.name === "strength")
      root.querySelector("[data-strength]").textContent = `${event.target.value} %`;
    if (["x", "y"].includes(event.target.name) && form.elements.hint.value === "") {
      const place = { x: form.elements.x.value / 100, y: form.elements.y.value / 100 };
      if (form.elements.x.value !== "" && form.elements.y.value !== "") begin(place);
    }
  });
  form?.addEventListener("reset", (event) => {
    event.preventDefault();
    clearForm();
  });
}

// What htmx brings: the points go to their places, and the focus stays where it was.

let focused = null;
let placing = false;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.requestConfig?.verb !== "post") return;
  if (event.detail.pathInfo.requestPath.endsWith("/ready/")) return;
  underWay = true;
  placing = event.detail.elt === form;
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if ([409, 422].includes(xhr.status) && xhr.getResponseHeader("X-Steering-Number")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
    placing = false; // what was typed stays
  }
  const seen = xhr.getResponseHeader("X-Steering-Number");
  if (seen !== null && Number(seen) < Number(number())) event.detail.shouldSwap = false;
  focused = document.activeElement?.dataset?.hint ?? null;
});

document.addEventListener("htmx:afterSettle", () => {
  if (!root) return;
  points().forEach(put);
  if (form) {
    form.elements.number.value = number();
    if (placing) clearForm();
    placing = false;
    if (form.elements.hint.value && !pointOf(form.elements.hint.value)) clearForm();
    draw();
    title();
  }
  if (focused && document.activeElement === document.body)
    pointOf(focused)?.focus({ preventScroll: true });
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.requestConfig?.verb !== "post") return;
  underWay = false;
  const waiting = next;
  next = null;
  if (waiting) setTimeout(waiting);
});
