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
  let between = false; // the row one stood on is gone: the next one is chosen by a key first, before anything is decided
  const rows = () => [...document.querySelectorAll("main .row")].filter((row) => row.checkVisibility());

  const show = (found) => {
    document.querySelectorAll(".current").forEach((row) => row.classList.remove("current"));
    if (!found[at]) return;
    found[at].classList.add("current");
    found[at].scrollIntoView({ block: "nearest" });
    (found[at].querySelector("a.open") || found[at].querySelector("a, button, summary"))?.focus({ preventScroll: true });
  };

  const standing = () => (between ? undefined : rows()[at]);

  const go = (step) => {
    const found = rows();
    if (!found.length) return;
    const next = between && step > 0 ? at : at + step;
    at = Math.min(Math.max(next, 0), found.length - 1);
    between = false;
    show(found);
  };

  // u, d and n press the button of the row one stands on, or decide about the mentions that are ticked; else they do nothing.
  const decide = (key) => {
    const row = standing();
    const ticks = [...document.querySelectorAll("main input[type=checkbox][name=mention]")];
    if (!ticks.length) {
      row?.querySelector(`button[data-key=${key}]`)?.click();
      return;
    }
    if (!ticks.some((one) => one.checked)) {
      const own = row?.querySelector("input[type=checkbox][name=mention]");
      if (!own) return;
      own.checked = true;
    }
    ticks[0].form.querySelector(`button[data-key=${key}]`)?.click();
  };

  const undo = () => (document.querySelector(".told button[data-key=z]") || standing()?.querySelector("button[data-key=z]"))?.click();

  const acts = {
    j: () => go(1),
    k: () => go(-1),
    o: () => (standing()?.querySelector("a.open") || standing()?.querySelector("a"))?.click(),
    u: () => decide("u"),
    d: () => decide("d"),
    n: () => decide("n"),
    z: undo,
    x: () => standing()?.querySelector("input[type=checkbox]")?.click(),
    c: () => (standing() || document).querySelector("button.copy")?.click(),
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
        await navigator.clipboard.writeText(words.value ?? words.textContent);
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
    const range = marked.getRangeAt(0);
    const around = range.commonAncestorContainer;
    if ((around.closest ? around : around.parentElement).closest("a.n")) return;
    const part = range.cloneContents();
    part.querySelectorAll("a.n").forEach((number) => number.remove());
    field.value = part.textContent.replace(/[\u2060\s]+/g, " ").trim().slice(0, field.maxLength);
    field.closest("details").open = true;
  });

  // Where one clicks or tabs to, there one stands.
  document.addEventListener("focusin", (event) => {
    const found = rows().indexOf(event.target.closest("main .row"));
    if (found < 0) return;
    at = found;
    between = false;
  });

  // A form's answer is the whole page: what was typed or ticked elsewhere stays in it, and so does the place one had come to.
  let typed = [];
  let place = "";
  const changed = (field) => (field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
  const keep = (sent) => {
    place = standing()?.id ?? "";
    typed = [...document.querySelectorAll("main :is(input:not([type=hidden], [type=file], [type=radio]), textarea)[id]")]
      .filter((field) => !sent.contains(field) && changed(field))
      .map(({ id, checked, value }) => ({ id, checked, value }));
  };
  const restore = () => {
    for (const { id, checked, value } of typed) {
      const field = document.getElementById(id);
      if (!field) continue;
      if (field.type === "checkbox") field.checked = checked;
      else field.value = value;
      for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    }
    typed = [];
    if (!place) return;
    const found = rows();
    const back = found.findIndex((row) => row.id === place);
    place = "";
    between = back < 0;
    if (between) document.getElementById("main").focus({ preventScroll: true });
    else {
      at = back;
      show(found);
    }
  };

  // On a phone the menu is one row that scrolls: the page one is on is in sight.
  const here = document.querySelector(".nav [aria-current]");
  const menu = here?.closest(".nav");
  if (menu) menu.scrollLeft = here.offsetLeft + here.offsetWidth - menu.offsetLeft - menu.clientWidth;

  copies();
  document.addEventListener("htmx:beforeSwap", (event) => {
    // An error's page is shown as it would be without script.
    if (event.detail.xhr.status >= 400) event.detail.shouldSwap = true;
    if (event.detail.target.id === "main") keep(event.detail.requestConfig.elt);
  });
  // Once it is settled: until then htmx still puts the classes of what came over those that we gave.
  document.addEventListener("htmx:afterSettle", () => {
    copies();
    restore();
  });
})();
