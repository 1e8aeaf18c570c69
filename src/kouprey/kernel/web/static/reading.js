// Marks where on the page one is; the page works without it.
"use strict";
(() => {
  const nav = document.querySelector("[data-on-page]");
  if (!nav || !("IntersectionObserver" in window)) return;
  const links = new Map([...nav.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
  const parts = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  const inView = new Set();
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) inView.add(entry.target.id);
      else inView.delete(entry.target.id);
    }
    const here = parts.find((part) => inView.has(part.id));
    for (const [id, link] of links) {
      if (here && id === here.id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "-130px 0px -55% 0px" });
  parts.forEach((part) => watch.observe(part));

  // What a link leads to inside a closed part is opened.
  const open = () => {
    const part = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    const closed = part?.matches("#raw") ? part.querySelector("details") : null;
    if (closed) closed.open = true;
  };
  window.addEventListener("hashchange", open);
  open();
})();
