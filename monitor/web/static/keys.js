// Keyboard: j and k move through the rows of a page, o opens one. And "Copy" beside suggested wordings.
// Every page is whole without this file.
"use strict";
(() => {
  const rows = [...document.querySelectorAll(".row")];
  let at = -1;

  const go = (step) => {
    if (!rows.length) return;
    if (at >= 0) rows[at].classList.remove("current");
    at = Math.min(Math.max(at + step, 0), rows.length - 1);
    rows[at].classList.add("current");
    rows[at].scrollIntoView({ block: "nearest" });
    const link = rows[at].querySelector("a.open") || rows[at].querySelector("a, summary");
    if (link) link.focus({ preventScroll: true });
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
    if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
    else if (event.key === "o" && at >= 0) (rows[at].querySelector("a.open") || rows[at].querySelector("a"))?.click();
    else if (event.key === "?") window.location.assign("/help");
    else if (event.key === "/" && document.querySelector("input[type=search]")) {
      event.preventDefault();
      document.querySelector("input[type=search]").focus();
    }
  });

  if (!navigator.clipboard) return; // only on https and on this machine
  for (const words of document.querySelectorAll("[data-copy]")) {
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
})();
