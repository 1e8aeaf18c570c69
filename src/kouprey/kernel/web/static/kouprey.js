// Small comforts; every page works without them.
"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  // Other scripts prepare what is fetched later: document.addEventListener("kouprey:part", (event) => … event.target …).
  const shown = (part) => {
    prepare(part);
    part.dispatchEvent(new CustomEvent("kouprey:part", { bubbles: true }));
  };

  // ---- Times
  // A browser that does not know the language would answer in another; then the server's words stay.
  const known = Intl.RelativeTimeFormat.supportedLocalesOf(root.lang).length > 0;
  const words = known ? new Intl.RelativeTimeFormat(root.lang) : null;
  // Unit, its seconds, up to how many; as in kernel/web/filters.py.
  const units = [
    ["minute", 60, 2700], ["hour", 3600, 79200], ["day", 86400, 45 * 86400], ["month", 2629800, 548 * 86400],
    ["year", 31557600, Infinity],
  ];
  const relative = (element) => {
    const then = Date.parse(element.dateTime);
    if (Number.isNaN(then)) return;
    const seconds = (then - Date.now()) / 1000;
    const gap = Math.abs(seconds);
    // "just now" stays as the server wrote it.
    if (gap < 45) return;
    const [unit, length] = units.find(([, , below]) => gap < below);
    element.textContent = words.format(Math.sign(seconds) * Math.max(1, Math.round(gap / length)), unit);
  };

  // ---- Days: a browser writes fields of days as its own country does, so what was chosen is said in the reader's words.
  const dated = 'input[type="date"], input[type="datetime-local"]';
  const [months, weekdays] = [document.body.dataset.months, document.body.dataset.weekdays].map((names) => (names || "").split("|"));
  const day = (then) => `${weekdays[then.getUTCDay()]} ${then.getUTCDate()} ${months[then.getUTCMonth()]} ${then.getUTCFullYear()}`;
  const tellDay = (field) => {
    const label = field.labels?.[0];
    if (!label || label.matches(".unseen")) return;
    let told = label.querySelector(".day-said");
    if (!told) {
      told = document.createElement("span");
      told.className = "day-said";
      // Whoever listens hears the field itself say its day.
      told.setAttribute("aria-hidden", "true");
      label.append(" ", told);
    }
    told.textContent = Number.isNaN(field.valueAsNumber) ? "" : day(new Date(field.valueAsNumber));
  };
  document.addEventListener("input", (event) => { if (event.target.matches?.(dated)) tellDay(event.target); });

  const prepare = (within) => {
    if (words) all("time[data-relative]", within).forEach(relative);
    all(dated, within).forEach(tellDay);
    all("[data-copy]", within).forEach((button) => { button.hidden = !navigator.clipboard; });
  };

  const said = document.getElementById("said");
  const say = (text) => { if (said) said.textContent = text; };

  // ---- Copying
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
    say(button.dataset.copied);
    setTimeout(() => {
      button.classList.remove("done");
      button.setAttribute("aria-label", label);
    }, 1600);
  });

  // ---- Dialogs: a link to a page that opens over this one
  const dialog = document.getElementById("dialog");
  const openDialog = async (url) => {
    let answer;
    try {
      answer = await fetch(url, { headers: { "X-Fragment": "yes" }, redirect: "error" });
    } catch {
      answer = { ok: false };
    }
    if (!answer.ok) {
      location.assign(url);
      return;
    }
    const body = dialog.querySelector(".dialog-body");
    body.innerHTML = await answer.text();
    const title = body.querySelector("h1");
    if (title) {
      title.id = "dialog-title";
      dialog.setAttribute("aria-labelledby", title.id);
    }
    shown(body);
    if (!dialog.open) dialog.showModal();
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (link && dialog?.showModal && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      openDialog(link.href);
      return;
    }
    if (event.target === dialog) dialog.close();
    const close = event.target.closest("[data-close]");
    if (!close) return;
    const toast = close.closest("[data-toast]");
    if (toast) {
      toast.remove();
      document.getElementById("main")?.focus({ preventScroll: true });
    } else close.closest("dialog")?.close();
  });

  document.getElementById("menu")?.addEventListener("change", (event) => {
    // It becomes visible with the next frame only.
    if (event.target.checked) setTimeout(() => document.querySelector(".side nav a")?.focus(), 60);
  });

  // ---- Toasts: what only says that something was done goes by itself, unless somebody reads it
  all('[data-toast="goes"]').forEach((toast) => {
    const go = () => {
      if (toast.matches(":hover, :focus-within")) setTimeout(go, 2000);
      else toast.remove();
    };
    setTimeout(go, 8000);
  });

  // ---- The navigation may be longer than the screen.
  document.querySelector(".side [aria-current]")?.scrollIntoView({ block: "nearest" });

  // ---- Keys
  const search = () => all("[data-focus-key]").find((each) => each.offsetParent !== null);
  const table = () => {
    const here = document.activeElement?.closest?.("main table");
    return here || all("main table").sort((one, other) => other.rows.length - one.rows.length)[0];
  };
  // The rows of the table one is in, else of the longest; on pages without a table what is marked as a row, or a list.
  const lines = () => {
    const rows = [...(table()?.tBodies ?? [])].flatMap((body) => [...body.rows]).filter((each) => each.offsetParent);
    const others = rows.length ? [] : all("main [data-row]");
    return rows.length ? rows : others.length ? others : all("main .rows > li, main .cards > *");
  };
  const row = () => document.activeElement?.closest?.("tbody tr, [data-row], .rows > li, .cards > *");
  const enter = (line) => {
    if (!line) return;
    const aim = ["td.main a[href]", "a[href]", "button, input, summary"].map((each) => line.querySelector(each)).find(Boolean) || line;
    if (aim === line) line.tabIndex = -1;
    aim.focus();
    line.scrollIntoView({ block: "nearest" });
  };
  const step = (by) => {
    const list = lines();
    const at = list.indexOf(row());
    enter(at < 0 ? list[by > 0 ? 0 : list.length - 1] : list[Math.min(Math.max(at + by, 0), list.length - 1)]);
  };
  const turn = (rel) => document.querySelector(`.pager a[rel="${rel}"]`)?.click();
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    x: () => row()?.querySelector('input[type="checkbox"]:not(:disabled)')?.click(),
    n: () => turn("next"),
    p: () => turn("prev"),
    "/": () => {
      const field = search();
      field?.focus();
      field?.select?.();
    },
    "?": () => openDialog(document.body.dataset.keys),
  };
  let going = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      all("details.account[open]").forEach((menu) => {
        menu.open = false;
        menu.querySelector("summary").focus();
      });
      const drawer = document.getElementById("menu");
      if (drawer) drawer.checked = false;
      if (!dialog?.open) document.activeElement?.closest?.("[data-toast]")?.querySelector("[data-close]")?.click();
    }
    const typing = event.target.closest?.('input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable]');
    const modified = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
    if (!document.body.dataset.keys || typing || modified || event.repeat || event.defaultPrevented || dialog?.open) return;
    if (event.key === "g") {
      going = Date.now();
      return;
    }
    // Two keys in a row, within a second and a half.
    if (Date.now() - going < 1500) {
      going = 0;
      const place = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
      if (place) {
        event.preventDefault();
        location.assign(place.href);
        return;
      }
    }
    const does = keys[event.key];
    if (does) {
      event.preventDefault();
      does();
    }
  });
  document.addEventListener("click", (event) => {
    all("details.account[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  // ---- A form is sent once, however often its button is pressed
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
    setTimeout(() => { delete event.target.dataset.sent; }, 5000);
  });

  // ---- Live parts
  const SLOW = 60000;
  let streaming = false;
  let toldAt = 0;

  // Nothing is taken from under somebody's hands: who types, chooses, reads a folded part or marks text is waited for.
  let pressed = false;
  addEventListener("pointerdown", () => { pressed = true; }, true);
  ["pointerup", "pointercancel", "blur"].forEach((name) => addEventListener(name, () => { pressed = false; }, true));
  const busy = (region) => {
    if (pressed) return true;
    const at = document.activeElement;
    if (region.contains(at) && at.matches("input, textarea, select, [contenteditable]")) return true;
    const chosen = getSelection();
    if (chosen && !chosen.isCollapsed && region.contains(chosen.anchorNode)) return true;
    return all("details[open], dialog[open]", region).length > 0;
  };
  // How to find again what has the focus, in a part that is written anew.
  const trace = (region) => {
    const at = document.activeElement;
    if (!region.contains(at) || at === region) return null;
    const same = (each) => each.tagName === at.tagName && ["id", "href", "name", "value"].every(
      (name) => each.getAttribute(name) === at.getAttribute(name));
    const place = all(at.tagName, region).filter(same).indexOf(at);
    return () => {
      const found = all(at.tagName, region).filter(same);
      const next = found[Math.min(place, found.length - 1)];
      if (next) next.focus({ preventScroll: true });
      else {
        region.tabIndex = -1;
        region.focus({ preventScroll: true });
      }
    };
  };

  const follow = (region) => {
    const every = Math.max(1, Number(region.dataset.every) || 5) * 1000;
    const topics = (region.dataset.topics ?? "").split(" ").filter(Boolean);
    let wait = every;
    let timer = 0;
    let asking = false;
    let again = false;
    const look = async () => {
      if (asking) {
        again = true;
        return;
      }
      clearTimeout(timer);
      asking = true;
      if (!document.hidden) {
        try {
          const answer = await fetch(region.dataset.live, { headers: { "X-Fragment": "yes" }, redirect: "error" });
          if (!answer.ok) throw new Error(answer.status);
          const fresh = document.createElement("template");
          fresh.innerHTML = await answer.text();
          prepare(fresh.content);
          wait = streaming && topics.length ? Math.max(every, SLOW) : every;
          if (fresh.innerHTML !== region.innerHTML) {
            if (busy(region)) wait = 2000;
            else {
              const refocus = trace(region);
              region.replaceChildren(fresh.content);
              refocus?.();
              shown(region);
              // Not more often than somebody can listen.
              if (Date.now() - toldAt > 30000) {
                toldAt = Date.now();
                say(region.dataset.told ?? "");
              }
            }
          }
          region.classList.remove("stale");
        } catch {
          // The node is away: say so, and ask less often.
          if (!region.classList.contains("stale")) say(region.dataset.away ?? "");
          region.classList.add("stale");
          wait = Math.min(wait * 2, SLOW);
        }
      }
      asking = false;
      timer = setTimeout(look, again ? 1000 : wait);
      again = false;
    };
    timer = setTimeout(look, wait);
    return { topics, look };
  };

  const regions = all("[data-live]").map(follow);
  const followed = regions.filter((each) => each.topics.length);
  const address = document.body.dataset.stream;
  if (address && followed.length && "EventSource" in window) {
    let stream = null;
    const close = () => {
      stream?.close();
      stream = null;
      streaming = false;
    };
    // A browser allows few connections to one host: only the tab that is seen holds one.
    const open = () => {
      if (stream || document.hidden) return;
      stream = new EventSource(address);
      stream.addEventListener("open", () => {
        streaming = true;
        followed.forEach((each) => each.look());
      });
      stream.addEventListener("change", (event) => {
        const changed = event.data.split(" ");
        followed.filter((each) => each.topics.some((topic) => changed.includes(topic))).forEach((each) => each.look());
      });
      // Whoever may not read any more is not asked for again; parts ask as they do without a stream.
      stream.addEventListener("end", close);
      stream.addEventListener("error", () => {
        if (streaming) {
          streaming = false;
          followed.forEach((each) => each.look());
        }
        if (stream?.readyState === EventSource.CLOSED) close();
      });
    };
    document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
    addEventListener("pagehide", close);
    addEventListener("pageshow", open);
    open();
  } else {
    document.addEventListener("visibilitychange", () => { if (!document.hidden) regions.forEach((each) => each.look()); });
  }

  prepare(document);
  setInterval(() => prepare(document), 20000);
})();
