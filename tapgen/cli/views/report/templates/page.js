"use strict";
// Narrows the tables to what the form asks for. Without this script the page shows everything.
const form = document.getElementById("filter");
const count = document.getElementById("count");
const rows = [...document.querySelectorAll("tbody tr")];

function has(element, key, chosen) {
  return chosen === "" || (element.dataset[key] ?? "").split(" ").includes(chosen);
}

function matches(row, { env, layer, effect, text }) {
  // What names no environment is about all of them.
  const about = row.dataset.env === undefined || has(row, "env", env);
  const cells = [...row.cells].filter((cell) => !cell.hidden);
  const said = cells.map((cell) => cell.textContent).join(" ").toLowerCase();
  const words = text.toLowerCase().split(/\s+/);
  return (
    about &&
    has(row, "layer", layer) &&
    has(row, "effect", effect) &&
    words.every((word) => said.includes(word))
  );
}

function narrow() {
  const wanted = Object.fromEntries(new FormData(form));
  // Sections and columns of other environments go first: what they hide is not searched.
  for (const element of document.querySelectorAll("[data-env]:not(tr)")) {
    element.hidden = !has(element, "env", wanted.env);
  }
  for (const row of rows) {
    row.hidden = !matches(row, wanted);
  }
  for (const table of document.querySelectorAll("table")) {
    const empty = [...table.tBodies[0].rows].every((row) => row.hidden);
    const box = table.parentElement;
    box.hidden = empty;
    box.nextElementSibling.hidden = !empty;
  }
  const shown = rows.filter((row) => !row.closest("[hidden]"));
  count.textContent = `${shown.length} of ${rows.length} rows shown`;
}

form.addEventListener("input", narrow);
form.addEventListener("reset", () => setTimeout(narrow));
form.addEventListener("submit", (event) => event.preventDefault());
// Also after a reload, when the browser fills the form in as it was.
window.addEventListener("pageshow", narrow);
form.hidden = false;
