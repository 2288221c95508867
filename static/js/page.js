// What every page does: the search key, gentle polling, an expired session, menus.

// "/" goes to the search field, unless something is being written.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const field = document.getElementById("find");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});

// An element with data-poll="2" gets the event "poll" every two seconds for its
// hx-trigger="poll"; in a tab that nobody looks at ever more seldom, up to a minute.
const SLOWEST = 60;
const next = new WeakMap();

setInterval(() => {
  const now = Date.now() / 1000;
  for (const element of document.querySelectorAll("[data-poll]")) {
    const pace = Number(element.dataset.poll);
    const plan = next.get(element) ?? { at: now + pace, wait: pace };
    if (now >= plan.at) {
      plan.wait = document.hidden ? Math.min(plan.wait * 2, SLOWEST) : pace;
      plan.at = now + plan.wait;
      window.htmx.trigger(element, "poll");
    }
    next.set(element, plan);
  }
}, 500);

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[data-poll]")) {
    window.htmx.trigger(element, "poll");
  }
});

// A fragment that was answered with the sign-in page: the session is over. What was
// fetched only because it came into view takes nobody away from what they write.
document.addEventListener("htmx:beforeSwap", (event) => {
  const answered = new URL(event.detail.xhr.responseURL || location.href);
  if (answered.pathname.endsWith("/accounts/login/")) {
    event.detail.shouldSwap = false;
    if (!event.detail.elt.matches("[hx-trigger^='intersect']")) location.reload();
  }
});

// A menu closes when one clicks elsewhere or presses Escape.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// A control with data-submit sends its form as soon as it is changed.
document.addEventListener("change", (event) => {
  if (event.target.closest("[data-submit]")) event.target.form.requestSubmit();
});
