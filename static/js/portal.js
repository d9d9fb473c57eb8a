// Small comforts; every page works without them. Listeners sit on the document, so fragments swapped in later have them too.
(function () {
  "use strict";
  var dirty = null;

  // [data-copy="id"]: a button, hidden until now, that copies the text of that element.
  function reveal() {
    document.querySelectorAll("[data-print][hidden]").forEach(function (button) { button.hidden = false; });
    if (!navigator.clipboard) { return; }
    document.querySelectorAll("[data-copy][hidden]").forEach(function (button) { button.hidden = false; });
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]");
    var source = button && document.getElementById(button.dataset.copy);
    if (!source) { return; }
    navigator.clipboard.writeText(source.textContent.trim()).then(function () {
      var status = document.querySelector("[data-copied]");
      button.textContent = "已复制";
      if (status) { status.textContent = "已复制"; }
    });
  });

  // [data-print]: a button, hidden until now, that prints the page.
  document.addEventListener("click", function (event) { if (event.target.closest("[data-print]")) { window.print(); } });

  // form[data-guard]: ask before leaving with text that was not sent.
  document.addEventListener("input", function (event) {
    var form = event.target.closest("form[data-guard]");
    if (form) { dirty = form; }
  });
  document.addEventListener("submit", function (event) { if (event.target === dirty) { dirty = null; } });
  window.addEventListener("beforeunload", function (event) { if (dirty && dirty.isConnected) { event.preventDefault(); } });

  // a form with files that is sent by htmx: fill its <progress data-upload-bar>.
  document.addEventListener("htmx:xhr:progress", function (event) {
    var bar = event.target.querySelector && event.target.querySelector("progress[data-upload-bar]");
    if (!bar || !event.detail.lengthComputable) { return; }
    bar.hidden = false;
    bar.max = event.detail.total;
    bar.value = event.detail.loaded;
  });

  document.addEventListener("DOMContentLoaded", reveal);
  document.addEventListener("htmx:load", reveal);
  reveal();
})();
