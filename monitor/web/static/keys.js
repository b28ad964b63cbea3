// Keyboard, the reader's time zone, and "Copy" beside suggested wordings. Every page is whole without this file.
"use strict";
(() => {
  const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = () => document.cookie.split("; ").includes(`zone=${ZONE}`);
  if (ZONE && !known()) {
    document.cookie = `zone=${ZONE}; path=/; max-age=31536000; samesite=lax`;
    // Times were written in UTC: once more, in the reader's own. Where cookies are refused they stay in UTC.
    if (known() && document.querySelector("main time")) window.location.reload();
  }

  let at = -1;
  const rows = () => [...document.querySelectorAll("main .row")].filter((row) => row.checkVisibility());

  const show = (found) => {
    document.querySelectorAll(".current").forEach((row) => row.classList.remove("current"));
    if (!found[at]) return;
    found[at].classList.add("current");
    found[at].scrollIntoView({ block: "nearest" });
    (found[at].querySelector("a.open") || found[at].querySelector("a, button, summary"))?.focus({ preventScroll: true });
  };

  const go = (step) => {
    const found = rows();
    if (!found.length) return;
    at = Math.min(Math.max(at + step, 0), found.length - 1);
    show(found);
  };

  // u, d and n press the button of the row one stands on; among ticked mentions they tick that row alone.
  const decide = (key) => {
    const found = rows();
    if (!found.length) return;
    const row = found[Math.max(at, 0)];
    const tick = row.querySelector("input[name=mention]");
    if (tick) {
      const form = tick.form;
      if (![...form.querySelectorAll("input[name=mention]")].some((one) => one.checked)) tick.checked = true;
      form.querySelector(`button[data-key=${key}]`)?.click();
    } else {
      row.querySelector(`button[data-key=${key}]`)?.click();
    }
  };

  const undo = () => (document.querySelector(".told button[data-key=z]") || rows()[at]?.querySelector("button[data-key=z]"))?.click();

  const acts = {
    j: () => go(1),
    k: () => go(-1),
    o: () => (rows()[at]?.querySelector("a.open") || rows()[at]?.querySelector("a"))?.click(),
    u: () => decide("u"),
    d: () => decide("d"),
    n: () => decide("n"),
    z: undo,
    x: () => rows()[at]?.querySelector("input[type=checkbox]")?.click(),
    c: () => (rows()[at] || document).querySelector("button.copy")?.click(),
    "/": () => document.querySelector("input[type=search]")?.focus(),
    "?": () => window.location.assign("/help/keys"),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  const copies = () => {
    if (!navigator.clipboard) return; // only on https and on this machine
    for (const words of document.querySelectorAll("[data-copy]:not([data-ready])")) {
      words.dataset.ready = "";
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(words.textContent);
        button.textContent = "Copied";
      });
      words.after(button);
    }
  };

  // Who writes in a field that belongs to a choice has chosen it.
  document.addEventListener("input", (event) => {
    const choice = document.getElementById(event.target.dataset.chooses ?? "");
    if (choice) choice.checked = true;
  });

  // Words that are marked in a text can become a rule.
  document.addEventListener("selectionchange", () => {
    const field = document.querySelector("input[data-marked]");
    const marked = document.getSelection();
    const text = marked?.toString().trim() ?? "";
    if (!field || !text || !document.querySelector(field.dataset.marked)?.contains(marked.anchorNode)) return;
    // The numbers of the notes stand between the words, and are none of them.
    const part = marked.getRangeAt(0).cloneContents();
    part.querySelectorAll("a.n").forEach((number) => number.remove());
    field.value = part.textContent.replace(/[\u2060\s]+/g, " ").trim().slice(0, field.maxLength);
    field.closest("details").open = true;
  });

  copies();
  document.addEventListener("htmx:afterSettle", () => {
    copies();
    if (at >= 0) show(rows());
  });
  // An error's page is shown as it would be without script.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status >= 400) event.detail.shouldSwap = true;
  });
})();
