// The original and the colours: side by side, or one over the other with a divider.

const plates = document.querySelector("[data-plates]");
const ways = plates?.querySelector("[data-ways]");

if (ways) {
  const divider = ways.querySelector("[data-divider]");
  const buttons = [...ways.querySelectorAll("[data-way]")];
  const place = () => plates.style.setProperty("--at", `${divider.value}%`);
  ways.hidden = false;
  place();
  divider.addEventListener("input", place);
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const divided = button.dataset.way === "divider";
      plates.classList.toggle("divided", divided);
      divider.hidden = !divided;
      for (const one of buttons) one.setAttribute("aria-pressed", String(one === button));
    });
  }
}
