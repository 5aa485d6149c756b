/* What the pages do better with a script. Every one of them is whole without it. */
(() => {
  const wide = matchMedia("(min-width: 50rem)");
  const typing = (el) => el.closest("input, textarea, select, [contenteditable]");

  // Choosing a filter shows its results at once where there is room to see both; on a phone the button stays.
  const auto = () => document.documentElement.classList.toggle("auto", wide.matches && "htmx" in window);
  wide.addEventListener("change", auto);
  addEventListener("DOMContentLoaded", auto);
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-facets]");
    if (form && event.target.type === "checkbox" && document.documentElement.classList.contains("auto")) form.requestSubmit();
  });

  // Addresses stay short: fields left empty are not sent.
  document.addEventListener("formdata", (event) => {
    if (!event.target.matches("[data-facets], .find")) return;
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });

  // The facets stand open on a desk; browsers that cannot do it in CSS get it here.
  const openFacets = () => {
    if (wide.matches && !CSS.supports("selector(::details-content)")) document.querySelectorAll(".facets").forEach((box) => (box.open = true));
  };

  // After new results: say how many there are, and keep folded lists open.
  let folded = [];
  const lists = () => [...document.querySelectorAll("#browse fieldset details")];
  document.addEventListener("htmx:beforeSwap", () => { folded = lists().map((box) => box.open); });
  document.addEventListener("htmx:afterSettle", () => {
    lists().forEach((box, index) => { if (folded[index]) box.open = true; });
    openFacets();
    const said = document.querySelector("[data-announce]");
    if (said) document.getElementById("live").textContent = said.textContent.trim();
  });
  addEventListener("DOMContentLoaded", openFacets);

  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target)) {
      const target = [...document.querySelectorAll("input[data-search]")].find((el) => el.offsetParent) || document.querySelector("a[data-search]");
      if (!target) return;
      event.preventDefault();
      target.focus();
      if (target.select) target.select();
    }
    if (event.key === "Escape") {
      const menu = event.target.closest("details[open]:not(.facets)") || document.querySelector("[data-menu][open]");
      if (!menu) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("click", (event) => {
    document.querySelectorAll("[data-menu][open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  // A passkey that was not given is no fault to write to the console: the page says how to go on.
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    document.querySelectorAll("[data-passkey-problem]").forEach((note) => { note.hidden = false; });
  });

  // The summary of what is wrong in a form takes the focus, so that it is read out first.
  addEventListener("DOMContentLoaded", () => document.querySelector(".problems")?.focus());
})();
