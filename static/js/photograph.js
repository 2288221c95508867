// The photograph's page: the reading of the date, and what is said about what was done.

const form = () => document.querySelector("[data-description]");

// A confirmed reading goes into the EDTF field; it is saved with the description.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-edtf]");
  if (!button) return;
  const field = form().elements.date_edtf;
  field.value = button.dataset.edtf;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});

// What cannot be saved comes back with the reason beside what was typed.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (![409, 422].includes(event.detail.xhr.status)) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});

// What was done is said for a while; what was not done stays until the next thing.
let hush = 0;

function hushLater() {
  clearTimeout(hush);
  hush = setTimeout(() => {
    const messages = document.getElementById("messages");
    if (!messages.querySelector(".error, .warning")) messages.hidden = true;
  }, 6000);
}

hushLater();
document.addEventListener("htmx:afterSettle", hushLater);
