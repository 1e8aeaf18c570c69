// The tour: tells browser tabs apart, points at what a step speaks of, and goes on when the nodes have done their part.
"use strict";
(() => {
  const place = document.getElementById("tour");

  const ask = async (address) => {
    const answer = await fetch(address, { headers: { "X-Fragment": "yes" } });
    if (!answer.ok) throw new Error(answer.status);
    return answer.text();
  };

  // Put a fragment of our own in its place, without taking the keyboard away from whoever is in it.
  const put = (into, text) => {
    const held = into.contains(document.activeElement) ? document.activeElement.dataset.key || "" : null;
    into.innerHTML = text;
    if (held === null) return;
    (into.querySelector(`[data-key="${CSS.escape(held)}"]`) || into.querySelector('[data-key="next"], a, button'))?.focus();
  };

  // What a step speaks of is outlined and captioned; live parts are written anew, so it is looked for again.
  const point = () => {
    const tour = place?.querySelector(".tour[data-target]");
    document.querySelectorAll(".tour-mark").forEach((each) => { if (!tour || !each.matches(tour.dataset.target)) each.classList.remove("tour-mark"); });
    const old = document.querySelector(".tour-caption");
    if (!tour) { old?.remove(); return null; }
    let target = null;
    for (const selector of tour.dataset.target.split(/,\s*(?![^(]*\))/)) target = target || document.querySelector(selector);
    if (!target) { old?.remove(); return null; }
    const key = [...tour.classList].find((each) => each.startsWith("of-")).slice(3);
    document.body.classList.add(`marks-${key}`);
    target.classList.add("tour-mark");
    // Inside the bar the told text is beside it already.
    if (place.contains(target)) return target;
    place.classList.add("tour-pointing");
    const within = target.tagName === "LI";
    if (old && (within ? old.parentElement : old.nextElementSibling) === target) return target;
    old?.remove();
    const caption = document.createElement("div");
    caption.className = within ? "tour-caption within" : "tour-caption";
    // The bar says the same to those who listen.
    caption.setAttribute("aria-hidden", "true");
    caption.textContent = tour.dataset.caption;
    if (within) target.append(caption); else target.before(caption);
    return target;
  };

  if (place) {
    document.title = `${place.dataset.nick} · ${document.title}`;
    const icon = document.querySelector('link[rel="icon"]');
    if (icon) icon.href = place.dataset.icon;

    // The text of a step stays in sight where there is room for it.
    const hold = () => {
      const told = place.querySelector(".tour-told");
      const bar = place.querySelector(".tour-bar");
      if (!bar) return;
      const held = Boolean(told) && innerWidth >= 960 && told.offsetHeight < innerHeight * .28;
      document.documentElement.classList.toggle("tour-held", held);
      document.documentElement.style.setProperty("--tour", `${bar.offsetHeight}px`);
      document.documentElement.style.setProperty("--tour-all", `${bar.offsetHeight + (held ? told.offsetHeight : 0)}px`);
    };
    hold();
    addEventListener("resize", hold);
    document.fonts?.ready.then(hold);

    const target = point();
    const next = place.querySelector('[data-target] [data-key="next"]');
    if (next && !location.hash) {
      // Whoever takes the tour goes on with Enter.
      next.focus({ preventScroll: true });
      if (target && !place.contains(target) && document.documentElement.classList.contains("tour-held")) {
        const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
        (document.querySelector(".tour-caption") || target).scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
      }
    }
    const main = document.getElementById("main");
    let soon = 0;
    new MutationObserver(() => { clearTimeout(soon); soon = setTimeout(point, 50); }).observe(main, { childList: true, subtree: true });

    let last = "";
    const follow = async () => {
      if (!document.hidden && place.querySelector("[data-follow]")) {
        try {
          const text = await ask(`/story/bar?here=${encodeURIComponent(place.dataset.here)}`);
          if (text && text !== last) { last = text; put(place, text); point(); hold(); }
        } catch { /* the node is away: asked again */ }
      }
      setTimeout(follow, 1000);
    };
    setTimeout(follow, 1000);
  }

  // A chapter is being played, or a link is being made: look again until there is somewhere to go.
  const wait = () => {
    const turn = document.getElementById("turn");
    if (!turn) return;
    if (turn.dataset.go) { location.replace(turn.dataset.go); return; }
    turn.querySelector("form button")?.focus();
    if (!turn.dataset.wait) return;
    setTimeout(async () => {
      try {
        const page = new DOMParser().parseFromString(await ask(turn.dataset.wait), "text/html");
        const fresh = page.getElementById("turn");
        if (fresh && fresh.outerHTML !== turn.outerHTML) turn.replaceWith(document.adoptNode(fresh));
      } catch { /* asked again */ }
      wait();
    }, 350);
  };
  wait();

  const hand = document.getElementById("hand");
  if (hand) {
    let last = "";
    const look = async () => {
      try {
        const text = await ask(hand.dataset.tasks);
        if (text !== last && last) put(hand, text);
        last = text;
      } catch { /* asked again */ }
      setTimeout(look, 1000);
    };
    look();
  }

  const back = document.querySelector("[data-back]");
  if (back) {
    const look = async () => {
      try {
        const text = await ask("/story/now");
        if (text.includes("data-key=\"tour\"")) { location.replace(back.dataset.back); return; }
      } catch { /* not there yet */ }
      setTimeout(look, 700);
    };
    setTimeout(look, 3000);
  }
})();
