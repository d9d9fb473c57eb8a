// [data-uploads="address"]: each file is sent to the address as soon as it is chosen, one after the other, with progress; after a
// broken connection again and again. The address answers with the files kept there now. Without this script the files go along
// with the form.
"use strict";
(() => {
  const TRIES = 8;
  const LONGEST_PAUSE = 30; // seconds
  const SILENCE = 60; // seconds without a sign of life, after which a connection counts as broken
  let waiting = []; // { box, file, row } in the order they were chosen
  let current = null;
  let held = null; // a submit that waits for the uploads: [form, submitter]

  const megabytes = (bytes) => Math.floor(bytes / 1048576);
  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  };
  const button = (text, label, act) => {
    const made = element("button", "button button--quiet", text);
    made.type = "button";
    made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
    return made;
  };
  const tell = (box, text) => { box.querySelector("[data-told]").textContent = text; };

  function addRow(box, file) {
    const list = box.querySelector("[data-sending]");
    const row = element("li");
    const name = element("span", "", file.name);
    const bar = element("progress");
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", "上传进度：" + file.name);
    const said = element("span", "soft", "等待上传");
    row.append(name, said, bar);
    list.hidden = false;
    list.append(row);
    return Object.assign(row, { bar, said });
  }

  function removeRow(row) {
    const list = row.parentElement;
    row.remove();
    if (list && !list.children.length) list.hidden = true;
  }

  function fail(job, text) {
    const { box, file, row } = job;
    row.className = "progress--failed";
    row.dataset.failed = "";
    row.bar.remove();
    row.said.className = "field__error";
    row.said.textContent = text;
    row.append(
      button("重试", "重新上传 " + file.name, () => { removeRow(row); choose(box, [file]); }),
      button("不传了", "不上传 " + file.name, () => { removeRow(row); box.querySelector("input[type=file]").focus(); release(); }),
    );
    tell(box, file.name + "没有传上：" + text);
  }

  // what the server said, in words for the row; empty if it is worth another try
  function refusal(xhr, box) {
    if (xhr.status === 413) return "文件太大，每个不超过" + megabytes(box.dataset.mostBytes) + " MB";
    if (xhr.status === 404) return "这次填写已经过期，请回到公示页面重新开始";
    const plain = (xhr.getResponseHeader("Content-Type") || "").startsWith("text/plain");
    if (plain && xhr.responseText) return xhr.responseText;
    return xhr.status >= 500 || xhr.status === 429 ? "" : "服务器没有收下这个文件，请重新选择";
  }

  function send(job) {
    const { box, file, row } = job;
    const xhr = new XMLHttpRequest();
    const body = new FormData();
    let silence = null;
    const alive = () => { clearTimeout(silence); silence = setTimeout(() => xhr.abort(), SILENCE * 1000); };
    body.append("file", file);
    xhr.open("POST", box.dataset.uploads);
    xhr.setRequestHeader("HX-Request", "true"); // a part of a page is wanted, not a whole one
    xhr.upload.addEventListener("progress", (event) => {
      alive();
      if (!event.lengthComputable) return;
      row.bar.value = Math.floor((event.loaded / event.total) * 100);
      row.said.textContent = row.bar.value < 100 ? "已上传" + row.bar.value + "%" : "服务器正在检查";
    });
    xhr.addEventListener("loadend", () => {
      clearTimeout(silence);
      if (xhr.status === 200 && xhr.responseURL.endsWith(box.dataset.uploads)) {
        box.querySelector("[data-kept]").innerHTML = xhr.responseText;
        removeRow(row);
        tell(box, file.name + "已上传并保存");
        next();
      } else if (xhr.status === 200) {
        window.location.assign(xhr.responseURL); // filed already, in another tab: its receipt
      } else {
        const why = xhr.status ? refusal(xhr, box) : "";
        if (why) { fail(job, why); next(); } else again(job);
      }
    });
    alive();
    xhr.send(body);
  }

  function again(job) {
    job.tries = (job.tries || 0) + 1;
    if (job.tries >= TRIES) {
      fail(job, "多次没有传上，请检查网络后重试");
      next();
      return;
    }
    const pause = Math.min(2 ** job.tries, LONGEST_PAUSE);
    job.row.bar.value = 0;
    job.row.said.textContent = "连接中断，" + pause + "秒后自动重试（第" + job.tries + "次）";
    tell(job.box, job.file.name + "连接中断，正在自动重试");
    let timer = null;
    const retry = () => {
      clearTimeout(timer);
      window.removeEventListener("online", retry);
      send(job);
    };
    timer = setTimeout(retry, pause * 1000);
    window.addEventListener("online", retry);
  }

  function next() {
    current = waiting.shift() || null;
    if (current) send(current); else release();
  }

  function choose(box, files) {
    for (const file of files) {
      const job = { box, file, row: addRow(box, file) };
      if (Number(box.dataset.mostBytes) && file.size > Number(box.dataset.mostBytes)) {
        fail(job, "文件太大，每个不超过" + megabytes(box.dataset.mostBytes) + " MB");
      } else {
        waiting.push(job);
      }
    }
    if (!current) next();
  }

  // a submit goes on once everything is kept; files that were refused come first
  function release() {
    if (!held || current || waiting.length) return;
    const [form, submitter] = held;
    const failed = form.querySelector("[data-failed]");
    held = null;
    if (failed) {
      failed.querySelector("button").focus();
      return;
    }
    // the list of kept files was drawn anew meanwhile: press the button that stands in the old one's place
    const pressed = submitter && !submitter.isConnected
      ? form.querySelector('button[name="' + submitter.name + '"][value="' + submitter.value + '"]')
      : submitter;
    if (pressed || !submitter) form.requestSubmit(pressed);
  }

  // a chosen file is no unsaved text: leaving the page loses nothing of it
  document.addEventListener("input", (event) => {
    if (event.target.type === "file" && event.target.closest("[data-uploads]")) event.stopPropagation();
  }, true);

  document.addEventListener("change", (event) => {
    const box = event.target.type === "file" && event.target.closest("[data-uploads]");
    if (!box || !event.target.files.length) return;
    const files = Array.from(event.target.files);
    event.target.value = ""; // they do not go along with the form too
    choose(box, files);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const box = form.querySelector("[data-uploads]");
    const failed = form.querySelector("[data-failed]");
    if (!box || !(current || waiting.length || failed)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (current || waiting.length) {
      held = [form, event.submitter || undefined];
      tell((current || waiting[0]).box, "文件还在上传，传完后自动继续，请不要离开本页");
      (current || waiting[0]).row.said.textContent = "传完后自动进入下一步";
    } else {
      failed.querySelector("button").focus();
      tell(failed.closest("[data-uploads]"), "有文件没有传上，请重试，或者选择不传");
    }
  }, true);

  window.addEventListener("beforeunload", (event) => { if (current || waiting.length) event.preventDefault(); });
})();
