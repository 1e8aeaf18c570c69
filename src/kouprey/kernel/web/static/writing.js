// Writing and importing: what the server says of a form is asked for again while somebody types. Without this file
// the same comes with every press of a button.
"use strict";
(() => {
  // The picker then shows the readers of the level that is chosen, instead of those of all levels.
  document.querySelectorAll("[data-marking]").forEach((picker) => picker.classList.add("follows"));

  // An import that has ended is asked after no more, and its page offers other things.
  const going = document.querySelector("[data-until-ended]");
  if (going) {
    new MutationObserver(() => {
      if (going.querySelector("[data-ended]")) location.reload();
    }).observe(going, { childList: true });
  }

  const form = document.querySelector("form[data-coached]");
  if (form) {
    const region = document.querySelector(form.dataset.coached);
    const said = document.querySelector("[data-coach-said]");
    // Not form.action: a field of that name hides it.
    const address = form.getAttribute("action");
    let waiting = 0;
    let asked = 0;

    const fetched = async (step) => {
      const fields = new FormData(form);
      fields.set("step", step);
      const answer = await fetch(address, { method: "POST", body: fields, headers: { "X-Fragment": step }, redirect: "error" });
      if (!answer.ok) throw new Error(answer.status);
      return answer.text();
    };

    const coach = async () => {
      const mine = ++asked;
      region.classList.add("asking");
      try {
        const text = await fetched("look");
        // An answer to what was typed before is late and says nothing about what stands there now.
        if (mine !== asked) return;
        region.innerHTML = text;
        const now = region.querySelector("[data-said]")?.dataset.said ?? "";
        if (said && said.textContent !== now) said.textContent = now;
      } catch {
        // The node is away; what stands there is what it said last.
      }
      if (mine === asked) region.classList.remove("asking");
    };
    const soon = () => {
      clearTimeout(waiting);
      waiting = setTimeout(coach, 350);
    };
    form.addEventListener("input", (event) => { if (event.target.name !== "find") soon(); });
    form.addEventListener("change", (event) => { if (event.target.name !== "find") soon(); });

    const links = form.querySelector("[data-links]");
    const find = form.querySelector('[name="find"]');
    if (links && find) {
      let finding = 0;
      let pause = 0;
      const look = async () => {
        const mine = ++finding;
        try {
          const text = await fetched("find");
          if (mine === finding) links.innerHTML = text;
        } catch {
          // As above.
        }
      };
      find.addEventListener("input", () => {
        clearTimeout(pause);
        pause = setTimeout(look, 250);
      });
      find.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        look();
      });
      form.querySelector("[data-find]").addEventListener("click", (event) => {
        event.preventDefault();
        look();
      });
    }
  }

  // Files may be dropped on the zone, and a text pasted anywhere on the page that is no field.
  const zone = document.querySelector("[data-drop]");
  if (zone) {
    const input = zone.querySelector('input[type="file"]');
    const names = zone.querySelector("[data-dropped]");
    zone.querySelectorAll("[data-with-script]").forEach((words) => { words.hidden = false; });
    const list = () => {
      names.replaceChildren(...Array.from(input.files, (file) => {
        const line = document.createElement("li");
        line.textContent = file.name;
        return line;
      }));
      // One file is named by the field itself.
      if (input.files.length < 2) names.replaceChildren();
    };
    input.addEventListener("change", list);
    const carriesFiles = (event) => Array.from(event.dataTransfer?.types ?? []).includes("Files");
    // A file that misses the zone must not replace the page by itself.
    document.addEventListener("dragover", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      zone.classList.toggle("over", zone.contains(event.target));
    });
    document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) zone.classList.remove("over"); });
    document.addEventListener("drop", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      zone.classList.remove("over");
      input.files = event.dataTransfer.files;
      list();
      input.focus();
    });
    document.addEventListener("paste", (event) => {
      if (event.target.closest("input, textarea")) return;
      const field = document.getElementById("f-text");
      if (event.clipboardData.files.length) {
        input.files = event.clipboardData.files;
        list();
      } else {
        field.value = event.clipboardData.getData("text");
        field.focus();
      }
      event.preventDefault();
    });
  }
})();
