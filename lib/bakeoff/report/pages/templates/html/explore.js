// Looking things up in data of the page: texts on which two methods part, and another threshold for two classes.
(() => {
  "use strict";
  const PAGE = 20;
  const { element, fill, parts, recalled, remember } = report;
  const choice = (name, options, key, first) => {
    const select = element("select", {}, ...options.map(([value, text]) => new Option(text, value)));
    const kept = recalled(key);
    select.setAttribute("aria-label", name);
    select.value = options.some(([value]) => value === kept) ? kept : first;
    return [select, element("label", {}, `${name} `, select)];
  };
  document.querySelectorAll("[data-texts]").forEach(texts);
  document.querySelectorAll("[data-threshold]").forEach(threshold);

  function texts(box) {
    const told = JSON.parse(box.dataset.texts);
    const named = told.names.map((name) => [name, name]);
    const opened = told.open.map((place) => told.names[place]);  // the best, and the next that parts from it
    const [first, one] = choice(told.first, named, "first", opened[0]);
    const [second, two] = choice(told.second, named, "second", opened[1]);
    const classes = [["", told.any], ...told.classes.map((name, place) => [String(place), name])];
    const [label, labelled] = choice(told.class, classes, "labelled", "");
    const search = element("input", { type: "search", placeholder: told.search, value: recalled("search") });
    search.setAttribute("aria-label", told.search);
    const sure = element("input", { type: "checkbox", checked: recalled("surest") === "1" });
    const status = element("p", { className: "note" });
    status.setAttribute("role", "status");
    const list = element("ol", { className: "parted" });
    const more = element("button", { type: "button", textContent: told.more });
    let most = PAGE;
    const show = () => {
      const [a, b] = [told.names.indexOf(first.value), told.names.indexOf(second.value)];
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const parted = told.texts.filter((one) => one[2][a] !== one[2][b]);
      const found = parted.filter(([text, gold]) => (label.value === "" || Number(label.value) === gold)
        && words.every((word) => text.toLowerCase().includes(word)));
      if (sure.checked) found.sort((x, y) => (y[3][a] + y[3][b]) - (x[3][a] + x[3][b]));
      list.replaceChildren(...found.slice(0, most).map((one) => entry(told, one, [a, b])));
      status.textContent = fill(told.count, { done: found.length, total: parted.length });
      more.hidden = found.length <= most;
      remember("first", first.value === opened[0] ? "" : first.value);
      remember("second", second.value === opened[1] ? "" : second.value);
      remember("labelled", label.value);
      remember("search", search.value);
      remember("surest", sure.checked ? "1" : "");
    };
    const again = () => { most = PAGE; show(); };
    [first, second, label, sure].forEach((control) => control.addEventListener("change", again));
    search.addEventListener("input", again);
    more.addEventListener("click", () => {
      const seen = list.children.length;
      most += PAGE;
      show();
      const next = list.children[seen];
      if (next) { next.tabIndex = -1; next.focus(); }
    });
    const bar = element("div", { className: "tools" }, one, two, labelled, search,
      element("label", {}, sure, ` ${told.sort}`));
    box.replaceChildren(element("p", { className: "note", textContent: told.note }), bar, status, list, more);
    show();
  }

  function entry(told, [text, gold, given, sure], places) {
    const short = text.length > 200 ? `${text.slice(0, 199).trimEnd()}\u2026` : text;
    const whole = text.length > 200
      ? element("details", {}, element("summary", { textContent: short }), element("p", { textContent: text }))
      : element("p", { textContent: text });
    whole.dir = "auto";
    const said = places.map((place) => {
      const chance = sure[place] === null ? "" : `, ${sure[place]}\u00a0%`;
      const mark = given[place] === gold ? "\u2713" : "\u2717";
      const name = element("b", { textContent: told.names[place] });
      return [" \u00b7 ", ...parts(told.says, { name }), `: ${told.classes[given[place]]}${chance} ${mark}`];
    });
    return element("li", {}, whole, element("small", {}, `${told.class}: ${told.classes[gold]}`, ...said.flat()));
  }

  function threshold(box) {
    const told = JSON.parse(box.dataset.threshold);
    const number = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    const written = (value) => (Number.isFinite(value) ? `${number.format(100 * value)}\u00a0%` : "\u2013");
    const [sought, label] = choice(told.sought, told.classes.map((name, place) => [String(place), name]), "sought", "1");
    const kept = recalled("threshold");
    const slider = element("input", { type: "range", min: 0, max: 100, step: 1, value: kept === "" ? 50 : Number(kept) });
    const shown = element("output", {});
    const body = element("tbody", {});
    const heads = told.heads.map((head, place) => {
      const cell = element("th", { scope: "col", textContent: head });
      if (place) cell.style.textAlign = "right";
      return cell;
    });
    const show = () => {
      const at = Number(slider.value);
      shown.value = `${at}\u00a0%`;
      slider.setAttribute("aria-valuetext", shown.value);
      body.replaceChildren(...told.names.map((name, place) => {
        const [own, others] = told.counts[place][Number(sought.value)];
        const from = (counts) => counts.slice(at).reduce((sum, one) => sum + one, 0);
        const all = (counts) => counts.reduce((sum, one) => sum + one, 0);
        const [hit, wrong] = [from(own), from(others)];
        const [precision, recall] = [hit / (hit + wrong), hit / all(own)];
        const values = [
          (hit + all(others) - wrong) / (all(own) + all(others)), precision, recall, 2 * hit / (hit + wrong + all(own)),
        ];
        const row = element("tr", {}, element("th", { scope: "row", textContent: name }), ...values.map((value) => {
          const cell = element("td", { textContent: written(value) });
          cell.style.textAlign = "right";
          return cell;
        }));
        row.dataset.method = name;
        return row;
      }));
      remember("threshold", at === 50 ? "" : String(at));
      remember("sought", sought.value === "1" ? "" : sought.value);
    };
    slider.addEventListener("input", show);
    sought.addEventListener("change", show);
    const bar = element("div", { className: "tools" }, label, element("label", {}, `${told.at} `, slider, " ", shown));
    const around = element("div", { className: "scroll" },
      element("table", {}, element("thead", {}, element("tr", {}, ...heads)), body));
    new ResizeObserver(() => {
      if (around.scrollWidth > around.clientWidth + 1) around.tabIndex = 0; else around.removeAttribute("tabindex");
    }).observe(around);
    box.replaceChildren(bar, around, element("p", { className: "note", textContent: told.note }));
    show();
  }
})();
