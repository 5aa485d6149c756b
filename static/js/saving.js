/* For long forms. Without it they are saved by their button. */
(() => {
  // A long form saves itself while somebody types; the button stays the one way that tells all that is wrong.
  const savesItself = (form) => {
    const said = form.querySelector("[data-saved]");
    const ago = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto" });
    let timer, saved, running, stopped = false, revision, problem = "";
    const tell = () => {
      const seconds = Math.round((saved - Date.now()) / 1000);
      const when = seconds > -60 ? ago.format(seconds, "second") : ago.format(Math.round(seconds / 60), "minute");
      const words = saved ? said.dataset.words.replace("{when}", when).replace("{n}", revision) : "";
      const text = [words, problem].filter(Boolean).join(" · ");
      if (text && said.textContent !== text) said.textContent = text;
    };
    const save = async () => {
      const data = new FormData(form);
      for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
      try {
        const answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Saves-Itself": "1" } });
        if (!(answer.headers.get("Content-Type") || "").includes("json")) throw new Error();
        const told = await answer.json();
        problem = told.problem;
        stopped = answer.status === 409;
        if (answer.ok) {
          form.elements.version.value = told.version;
          [saved, revision] = [Date.now(), told.revision];
        }
      } catch {
        problem = said.dataset.offline;
        timer = setTimeout(save, 15000);
      }
      tell();
    };
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(() => { running = save().finally(() => { running = null; }); }, 3000);
    };
    form.addEventListener("input", (event) => {
      if (!stopped && event.target.type !== "file") soon();
    });
    // On a slow line somebody has typed before this script was here.
    if ([...form.elements].some((field) => field.matches("textarea, input:not([type=file])") && field.value !== field.defaultValue)) soon();
    form.addEventListener("submit", (event) => {
      stopped = true;
      clearTimeout(timer);
      if (!running) return;
      event.preventDefault(); // The answer brings the version that is saved by then.
      running.finally(() => form.requestSubmit(event.submitter));
    });
    setInterval(() => saved && tell(), 10000);
  };

  // How many words there are, below each text that may not have more than so many.
  const countsWords = (form, area) => {
    const count = Object.assign(document.createElement("output"), { className: "hint" });
    const tell = () => {
      const n = area.value.trim() ? area.value.trim().split(/\s+/).length : 0;
      count.textContent = form.dataset.counts.replace("{n}", n).replace("{most}", area.dataset.words);
      count.classList.toggle("over", n > Number(area.dataset.words));
    };
    count.htmlFor = area.id;
    area.after(count);
    area.addEventListener("input", tell);
    tell();
  };
  addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("form[data-saves-itself]").forEach(savesItself);
    document.querySelectorAll("form[data-counts] textarea[data-words]").forEach((area) => countsWords(area.form, area));
  });
})();
