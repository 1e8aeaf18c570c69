// The list: how many rows are marked, all of a page at once, and finding among many values of a facet.
"use strict";
(() => {
  const form = document.querySelector(".l-form");
  const bar = form?.querySelector(".l-bulk");
  if (bar) {
    const rows = [...form.querySelectorAll('input[name="id"]')];
    const every = form.querySelector("[data-mark-all]");
    const whole = form.querySelector('input[name="all"]');
    const count = form.querySelector(".l-count");
    const say = count.dataset.count;
    every.closest("label").hidden = false;
    let last = null;
    const show = () => {
      const marked = rows.filter((row) => row.checked).length;
      bar.classList.toggle("idle", !marked && !whole.checked);
      count.textContent = say.replace("#", marked);
      every.checked = marked === rows.length;
      every.indeterminate = marked > 0 && marked < rows.length;
    };
    form.addEventListener("click", (event) => {
      const row = event.target;
      if (!(row instanceof HTMLInputElement) || row.name !== "id") return;
      if (event.shiftKey && last) {
        const [from, to] = [rows.indexOf(last), rows.indexOf(row)].sort((a, b) => a - b);
        rows.slice(from, to + 1).forEach((each) => { each.checked = row.checked; });
      }
      last = row;
    });
    form.addEventListener("change", (event) => {
      if (event.target === every) rows.forEach((row) => { row.checked = every.checked; });
      show();
    });
    // A form is sent once; but a download leaves the page, and whoever comes back may send it again.
    form.addEventListener("submit", (event) => {
      if (event.submitter?.name === "format") setTimeout(() => { delete form.dataset.sent; });
    });
    // What was marked before going back is still marked, as browsers have it.
    window.addEventListener("pageshow", () => { delete form.dataset.sent; show(); });
    show();
  }
  document.querySelectorAll("[data-narrow]").forEach((field) => {
    const place = document.getElementById(field.dataset.narrow);
    const rarer = place.querySelector("details");
    field.hidden = false;
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLocaleLowerCase();
      if (rarer && wanted) rarer.open = true;
      place.querySelectorAll("li").forEach((each) => {
        each.hidden = wanted !== "" && !each.textContent.toLocaleLowerCase().includes(wanted);
      });
    });
  });
})();
