// Looks every two seconds whether a computation has moved, and shows the page anew when it is over.
// Without this script the link "Look again" does the same.
"use strict";
const box = document.querySelector("[data-state]");
async function look() {
  try {
    const answer = await fetch(box.dataset.state, { headers: { Accept: "application/json" } });
    if (!answer.ok) { return; }
    const job = await answer.json();
    if (job.state !== box.dataset.now) { window.location.reload(); return; }
    const said = box.querySelector(".said");
    if (said && job.said) { said.textContent = job.said; }
    const bar = box.querySelector("progress");
    if (bar && job.steps) { bar.max = job.steps; bar.value = job.done; }
  } finally {
    window.setTimeout(look, 2000);
  }
}
if (box) { window.setTimeout(look, 2000); }
