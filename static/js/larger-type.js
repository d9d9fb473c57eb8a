// Larger type: remembered on this device only (no cookie). Loaded before the page is drawn, so that nothing jumps.
// Without JavaScript the checkbox still works for the page at hand, through html:has(#larger:checked).
(function () {
  "use strict";
  var root = document.documentElement;
  function remembered() {
    try { return localStorage.getItem("larger-type") === "1"; } catch (e) { return false; }
  }
  function show(on) { root.classList.toggle("larger-type", on); }
  show(remembered());
  document.addEventListener("DOMContentLoaded", function () {
    var box = document.getElementById("larger");
    if (!box) { return; }
    box.checked = remembered();
    box.addEventListener("change", function () {
      try { localStorage.setItem("larger-type", box.checked ? "1" : "0"); } catch (e) { /* private mode: this page only */ }
      show(box.checked);
    });
  });
})();
