// Methods by name, everywhere at once: hidden, brought out and renamed in tables, figures and sentences, and in what is
// added to the page later; the method under the pointer; and another reference.
(() => {
  "use strict";
  const SCOPES = "figure[data-method], svg [data-method], tr[data-method] > th, .fold[data-method] > summary, a[data-method]";
  const BETWEEN = /^[\s;,:]*(\([^()]*\))?[\s;,:]*$/;  // what stands between names in a list, or behind one
  const { element, fill, recalled, remember, words } = report;
  hover();
  const table = document.querySelector(".front table[data-limits]");
  const told = table ? JSON.parse(table.dataset.limits) : {};
  const names = told.names || [];
  if (names.length < 2) return;
  const places = [".front", "main", ".contents"].map((one) => document.querySelector(one)).filter(Boolean);
  find();
  const kept = (key) => new URLSearchParams(location.search).getAll(key);
  const set = new Map(names.map((name) => [name, {
    hidden: kept("hide").includes(name), marked: kept("mark").includes(name), called: recalled(`name.${name}`),
  }]));
  const untouched = () => [...set.values()].every((one) => !one.hidden && !one.marked && !one.called);
  const shown = (name) => set.get(name).called || name;
  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  const anyName = new RegExp(`(${[...names].sort((one, other) => other.length - one.length).map(escaped).join("|")})`);
  const forms = [told.against, words.says, words.parted, words.tried].filter(Boolean)
    .map((form) => new RegExp(`^${form.split(/\{\w+\}/).map(escaped).join("(.+?)")}$`, "d"));
  const written = new WeakMap();  // text node -> what writes it with the names of now
  panel();
  if (!untouched()) places.forEach(dress);
  const later = new MutationObserver((seen) => {
    if (!untouched()) seen.forEach(({ addedNodes }) => addedNodes.forEach(dress));
  });
  places.forEach((place) => later.observe(place, { childList: true, subtree: true }));

  // Rows that begin with a method's name, the section that its name leads to, and that section's place in the contents.
  function find() {
    document.querySelectorAll("table.report tbody tr").forEach((row) => {
      const head = row.cells[0];
      const text = head && head.tagName === "TH" ? head.textContent.trim() : "";
      const name = text && names.find((one) => text === one || text.startsWith(`${one} (`));
      if (name) row.dataset.method = name;
    });
    table.querySelectorAll("tr[data-method] th a[href^='#']").forEach((link) => {
      const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      const fold = section && section.closest(".fold");
      const entry = document.querySelector(`.contents a[href="${CSS.escape(link.getAttribute("href"))}"]`);
      [fold, entry].filter(Boolean).forEach((one) => { one.dataset.method = link.closest("tr").dataset.method; });
    });
  }

  function dress(place) {
    if (place.nodeType === Node.ELEMENT_NODE) {
      [place, ...place.querySelectorAll("[data-method]")].forEach((one) => {
        const now = set.get(one.dataset.method);
        if (!now) return;
        one.classList.toggle("off", now.hidden);
        one.classList.toggle("marked", now.marked);
      });
    }
    const walk = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
    for (let node = place.nodeType === Node.TEXT_NODE ? place : walk.nextNode(); node; node = walk.nextNode()) {
      if (!written.has(node)) written.set(node, naming(node));
      const found = written.get(node);
      if (found) node.data = found();
    }
  }

  // Names in a text: alone, in a list, in a sentence of a known form; in what shows one method, wherever it is a word.
  function naming(node) {
    const own = node.data;
    const text = own.trim();
    const above = node.parentElement;
    if (!text || !above || above.closest("pre, code, script, style, title, desc, .methods")) return null;
    const pieces = own.split(anyName);
    if (pieces.length > 1 && pieces.every((piece, place) => place % 2 || BETWEEN.test(piece))) {
      return () => pieces.map((piece, place) => (place % 2 ? shown(piece) : piece)).join("");
    }
    const said = forms.map((form) => form.exec(own)).find((found) => found && found.slice(1).every((name) => set.has(name)));
    if (said) {
      return () => said.indices.slice(1).reduceRight((now, [from, to], place) => now.slice(0, from) + shown(said[place + 1]) + now.slice(to), own);
    }
    const scope = above.closest(SCOPES);
    const about = scope && scope.closest("[data-method]").dataset.method;
    if (!set.has(about)) return null;
    if (text.endsWith("\u2026") && about.startsWith(text.slice(0, -1))) {
      return () => (set.get(about).called ? shown(about) : own);
    }
    const word = new RegExp(`(?<![\\p{L}\\p{N}_])${escaped(about)}(?![\\p{L}\\p{N}_])`, "u");
    return word.test(own) ? () => own.replace(word, () => shown(about)) : null;
  }

  function panel() {
    const box = element("details", { className: "methods" }, element("summary", { textContent: words.methods }));
    const list = element("ul", {});
    names.forEach((name) => {
      const now = set.get(name);
      const show = element("input", { type: "checkbox", checked: !now.hidden });
      const mark = element("input", { type: "checkbox", checked: now.marked });
      const other = element("input", { type: "text", value: now.called, placeholder: name });
      other.setAttribute("aria-label", `${words.name}: ${name}`);
      show.setAttribute("aria-label", `${words.show}: ${name}`);
      mark.setAttribute("aria-label", `${words.highlight}: ${name}`);
      const apply = () => {
        Object.assign(now, { hidden: !show.checked, marked: mark.checked, called: other.value.trim() });
        places.forEach(dress);
        remember("hide", ...names.filter((one) => set.get(one).hidden));
        remember("mark", ...names.filter((one) => set.get(one).marked));
        remember(`name.${name}`, now.called);
      };
      [show, mark].forEach((one) => one.addEventListener("change", apply));
      other.addEventListener("input", apply);
      list.append(element("li", {}, element("b", { textContent: name }), element("label", {}, show, ` ${words.show}`),
        element("label", {}, mark, ` ${words.highlight}`), other));
    });
    box.append(list);
    box.open = !untouched() || Boolean(recalled("against"));
    if (told.pairs && told.pairs.length) box.append(reference());
    table.closest(".scroll").after(box);
  }

  // Every pair is known: the two columns about the reference can be about another method.
  function reference() {
    const rows = [...table.tBodies[0].rows];
    const head = table.tHead.rows[0].cells[2];
    const first = rows.map((row) => [2, 3].map((column) => [...row.cells[column].childNodes]));
    const keys = rows.map((row) => [2, 3].map((column) => row.cells[column].dataset.key));
    const title = head.textContent;
    const choice = element("select", {}, new Option("\u2013", ""), ...names.map((name) => new Option(name)));
    const label = element("label", { className: "tools" }, `${words.reference} `, choice);
    const apply = () => {
      const at = names.indexOf(choice.value);
      const heading = head.querySelector("button") || head;
      heading.textContent = at < 0 ? title : fill(told.against, { reference: choice.value });
      rows.forEach((row, place) => [2, 3].forEach((column, number) => {
        const cell = row.cells[column];
        if (at < 0) {
          cell.replaceChildren(...first[place][number]);
          if (keys[place][number] !== undefined) cell.dataset.key = keys[place][number];
          return;
        }
        const pair = told.pairs.find((one) => one[0] === place && one[1] === at);
        cell.replaceChildren(pair ? pair[2 + number] : place === at && number ? told.itself : "\u2013");
        delete cell.dataset.key;
      }));
      remember("against", choice.value);
    };
    choice.addEventListener("change", apply);
    choice.value = names.includes(recalled("against")) ? recalled("against") : "";
    if (choice.value) apply();
    return label;
  }

  // The method under the pointer, or with the focus, stands out in every figure and table.
  function hover() {
    let now = "";
    const bring = (event) => {
      const one = event.target.closest && event.target.closest("[data-method]");
      const name = one ? one.dataset.method : "";
      if (name === now) return;
      now = name;
      document.querySelectorAll(".near, .nearby").forEach((old) => old.classList.remove("near", "nearby"));
      if (!name) return;
      document.querySelectorAll(`[data-method="${CSS.escape(name)}"]`).forEach((part) => {
        part.classList.add("near");
        const drawing = part.closest("svg");
        if (drawing) drawing.classList.add("nearby");
      });
    };
    document.addEventListener("pointerover", bring);
    document.addEventListener("focusin", bring);
  }
})();
