// Asks the browser for a passkey and sends what it answers. A form says by data-passkey whether one is made
// ("add"), used as a second factor ("use") or used to sign in ("login").
// Without this script the forms stay hidden, and the password with an authenticator app does the same.
"use strict";
async function options(form) {
  if (form.dataset.options) { return JSON.parse(form.dataset.options); }
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) { throw new Error("no options"); }
  return answer.json();
}
async function credential(form) {
  const data = await options(form);
  if (form.dataset.passkey !== "add") { return window.webauthnJSON.get(data.request_options); }
  const wanted = data.creation_options.publicKey.authenticatorSelection;
  const alone = form.querySelector("input[type=checkbox]");
  wanted.residentKey = alone && alone.checked ? "required" : "discouraged";
  wanted.requireResidentKey = Boolean(alone && alone.checked);
  if (alone && alone.checked) { wanted.userVerification = "required"; }
  return window.webauthnJSON.create(data.creation_options);
}
for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !window.PublicKeyCredential;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = form.querySelector("[role=alert]");
    said.textContent = "";
    try {
      const made = await credential(form);
      form.querySelector("input[name=credential]").value = JSON.stringify(made);
      form.submit();
    } catch {
      said.textContent = form.dataset.failed;
    }
  });
}
