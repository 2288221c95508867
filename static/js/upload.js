// Ingest: files and folders dropped on the page, and how far an upload has come.

const form = document.querySelector("[data-ingest]");
const drop = form.querySelector("[data-drop]");
const input = form.querySelector("#files");
const said = form.querySelector("[data-chosen]");
const bar = form.querySelector("[data-upload-progress]");
const button = form.querySelector("[data-upload]");
const MOST = 1000;

const { gettext, ngettext } = window;
const filled = (message, values) => window.interpolate(message, values, true);
const decimal = new Intl.NumberFormat(document.documentElement.lang, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

const size = (bytes) =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${decimal.format(bytes / 1e6)} MB`;

function tell() {
  const files = [...input.files];
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  if (files.length === 0) said.textContent = gettext("Nothing chosen yet.");
  else if (files.length > MOST) {
    said.textContent = filled(
      gettext(
        "These are %(count)s files; at most %(most)s can be sent at a time. Use “A folder on this machine”, or send them in parts.",
      ),
      { count: files.length, most: MOST },
    );
  } else {
    said.textContent = filled(
      ngettext("%(count)s file, %(size)s.", "%(count)s files, %(size)s.", files.length),
      { count: files.length, size: size(bytes) },
    );
  }
  button.disabled = files.length > MOST;
}

input.addEventListener("change", tell);

// A second, hidden field is the only way to a folder dialogue.
const chooser = document.createElement("input");
chooser.type = "file";
chooser.webkitdirectory = true;
const choose = form.querySelector("[data-choose-folder]");
choose.hidden = false;
choose.addEventListener("click", () => chooser.click());
chooser.addEventListener("change", () => {
  input.files = chooser.files;
  tell();
});

async function filesOf(entry) {
  if (entry.name.startsWith(".")) return [];
  if (entry.isFile) {
    return [await new Promise((done, failed) => entry.file(done, failed))];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (some.length === 0) return found;
    for (const inner of some) found.push(...(await filesOf(inner)));
  }
}

for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", async (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  const entries = [...event.dataTransfer.items]
    .map((item) => item.webkitGetAsEntry?.())
    .filter(Boolean);
  said.textContent = gettext("Looking through what was dropped …");
  const chosen = new DataTransfer();
  for (const entry of entries) {
    for (const file of await filesOf(entry)) chosen.items.add(file);
  }
  input.files = chosen.files;
  tell();
});

// The upload is sent behind the scenes, so that it can say how far it has come.
form.addEventListener("submit", (event) => {
  if (event.submitter !== button || input.files.length === 0) return;
  event.preventDefault();
  const request = new XMLHttpRequest();
  bar.hidden = false;
  button.disabled = true;
  request.upload.addEventListener("progress", (sent) => {
    if (!sent.lengthComputable) return;
    bar.value = (100 * sent.loaded) / sent.total;
    const left = sent.loaded < sent.total ? "" : gettext("Putting them in place …");
    const far = filled(gettext("%(done)s of %(total)s sent."), {
      done: size(sent.loaded),
      total: size(sent.total),
    });
    said.textContent = `${far} ${left}`.trim();
  });
  request.addEventListener("load", () => {
    if (request.status === 200) {
      location.assign(request.responseURL);
      return;
    }
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    const now = document.querySelector("#main");
    const main = answer.querySelector("#main");
    const sentences = main?.querySelectorAll(".errorlist li") ?? [];
    bar.hidden = true;
    button.disabled = false;
    if (sentences.length) {
      said.textContent = [...sentences].map((one) => one.textContent).join(" ");
    } else if (main) {
      now.replaceWith(main);
    } else {
      said.textContent = gettext(
        "The archive did not take the files. Try again in parts.",
      );
    }
  });
  request.addEventListener("error", () => {
    bar.hidden = true;
    button.disabled = false;
    said.textContent = gettext(
      "The connection broke before all files were sent. Nothing was stored: try again.",
    );
  });
  request.open("POST", button.formAction);
  request.send(new FormData(form));
});

tell();
