// Small comforts; every page works without them.
"use strict";
(() => {
  const root = document.documentElement;
  // A browser that does not know the language would answer in another; then the server's words stay.
  const known = Intl.RelativeTimeFormat.supportedLocalesOf(root.lang).length > 0;
  const words = known ? new Intl.RelativeTimeFormat(root.lang) : null;

  const relative = (element) => {
    const then = Date.parse(element.dateTime);
    if (Number.isNaN(then)) return;
    const seconds = (then - Date.now()) / 1000;
    const gap = Math.abs(seconds);
    // "just now" stays as the server wrote it.
    if (gap < 45) return;
    const [unit, length] = gap < 2700 ? ["minute", 60] : gap < 79200 ? ["hour", 3600] : ["day", 86400];
    element.textContent = words.format(Math.round(seconds / length), unit);
  };
  const refreshTimes = (within) => {
    if (words) within.querySelectorAll("time[data-relative]").forEach(relative);
  };

  const prepare = (within) => {
    refreshTimes(within);
    within.querySelectorAll("[data-copy]").forEach((button) => { button.hidden = !navigator.clipboard; });
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      return;
    }
    button.classList.add("done");
    const label = button.getAttribute("aria-label");
    button.setAttribute("aria-label", button.dataset.copied);
    setTimeout(() => {
      button.classList.remove("done");
      button.setAttribute("aria-label", label);
    }, 1600);
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const wanted = document.querySelector(`[data-focus-key="${CSS.escape(event.key)}"]`);
      if (wanted) {
        event.preventDefault();
        wanted.focus();
        wanted.select?.();
      }
    }
    if (event.key === "Escape") {
      document.querySelectorAll("details.account[open]").forEach((menu) => { menu.open = false; });
      const drawer = document.getElementById("menu");
      if (drawer) drawer.checked = false;
    }
  });
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.account[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
    setTimeout(() => { delete event.target.dataset.sent; }, 5000);
  });

  const follow = (region) => {
    const every = Math.max(1, Number(region.dataset.every) || 5) * 1000;
    let last = region.innerHTML;
    let wait = every;
    const look = async () => {
      if (!document.hidden) {
        try {
          const answer = await fetch(region.dataset.live, { headers: { "X-Fragment": "yes" }, redirect: "error" });
          if (!answer.ok) throw new Error(answer.status);
          const text = await answer.text();
          if (text !== last && !region.contains(document.activeElement)) {
            region.innerHTML = last = text;
            prepare(region);
          }
          region.classList.remove("stale");
          wait = every;
        } catch {
          // The node is away: say so softly and ask less often.
          region.classList.add("stale");
          wait = Math.min(wait * 2, 60000);
        }
      }
      setTimeout(look, wait);
    };
    setTimeout(look, wait);
  };

  prepare(document);
  document.querySelectorAll("[data-live]").forEach(follow);
  setInterval(() => refreshTimes(document), 20000);
})();
