// Computes what the server asks for while the visitor reads, and puts it into the form; a form that is sent too early is
// held back until then. Without this script: a short wait, which the page names.
"use strict";
(() => {
  const field = document.querySelector("input[data-challenge]:not([data-begun])");
  if (!field || !window.crypto || !crypto.subtle) return;
  field.dataset.begun = "";
  const asked = JSON.parse(field.dataset.challenge);
  const encoder = new TextEncoder();
  const told = field.form.querySelector("[data-proof-told]");
  const AT_ONCE = 256;
  let wanted = null; // the button that was pressed before the result was there
  let over = false;

  const tell = (text) => { if (told) told.textContent = text; };
  const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const hash = async (number) => hex(await crypto.subtle.digest("SHA-256", encoder.encode(asked.salt + number)));

  async function solve() {
    for (let first = 0; first <= asked.maxNumber; first += AT_ONCE) {
      const numbers = Array.from({ length: AT_ONCE }, (_, at) => first + at);
      const hashes = await Promise.all(numbers.map(hash));
      const at = hashes.indexOf(asked.challenge);
      if (at >= 0) return numbers[at];
    }
    return null;
  }

  field.form.addEventListener("submit", (event) => {
    if (over || (event.submitter && event.submitter.hasAttribute("formaction"))) return; // such as “save”
    event.preventDefault();
    event.stopImmediatePropagation();
    wanted = event.submitter || true;
    tell("正在计算，完成后自动送出，请不要离开本页。");
  }, true);

  solve().catch(() => null).then((number) => {
    over = true;
    if (number !== null) {
      const { algorithm, challenge, salt, signature } = asked;
      field.value = btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
      tell("计算已完成，现在可以点按钮。");
    }
    if (wanted) field.form.requestSubmit(wanted === true ? undefined : wanted);
  });
})();
