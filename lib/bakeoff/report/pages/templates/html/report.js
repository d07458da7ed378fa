// The page reads whole without this: it folds the contents on narrow screens, marks the section being read, and lets
// sortable tables be sorted (up, down, as written).
(() => {
  "use strict";
  const contents = document.querySelector(".contents details");
  if (contents) {
    const narrow = window.matchMedia("(max-width: 68rem)");
    const fold = () => { contents.open = !narrow.matches; };
    narrow.addEventListener("change", fold);
    fold();
    contents.addEventListener("click", (event) => {
      if (narrow.matches && event.target.closest("a")) contents.open = false;
    });
    follow(contents);
  }
  document.querySelectorAll("table[data-limits]").forEach(limits);  // before sorting: it knows rows by their place
  document.querySelectorAll("table.sortable").forEach(sortable);

  function follow(list) {
    const links = new Map([...list.querySelectorAll("a")].map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
    const headings = [...document.querySelectorAll("main h2, main h3")].filter((heading) => links.has(heading.id));
    let waiting = false;
    const mark = () => {
      waiting = false;
      const read = headings.filter((heading) => heading.getBoundingClientRect().top < 120).pop();
      links.forEach((link) => link.removeAttribute("aria-current"));
      if (read) links.get(read.id).setAttribute("aria-current", "true");
    };
    document.addEventListener("scroll", () => {
      if (!waiting) { waiting = true; requestAnimationFrame(mark); }
    }, { passive: true });
    mark();
  }

  // What if I have only so much time, memory, ...: rows beyond a limit fade, and the answer is the best of the others.
  function limits(table) {
    const told = JSON.parse(table.dataset.limits);
    const front = table.closest(".front");
    const answer = front && front.querySelector(".answer");
    if (!answer || !told.limits.length) return;
    const rows = [...table.tBodies[0].rows];
    const said = (text, gaps) => text.split(/\{(\w+)\}/).map((part, place) => (place % 2 ? gaps[part] : part));
    const write = (place, parts) => {
      place.replaceChildren(...parts.map((part) => {
        if (typeof part === "string") return part;
        const name = document.createElement("strong");
        name.textContent = part.name;
        return name;
      }));
    };
    const bar = document.createElement("div");
    bar.className = "limits";
    bar.setAttribute("role", "group");
    const asked = document.createElement("strong");
    asked.textContent = `${told.ask} …`;
    bar.setAttribute("aria-label", told.ask);
    bar.append(asked);
    const line = document.createElement("p");
    line.className = "lead limit";
    line.setAttribute("role", "status");
    answer.append(line);
    const query = new URLSearchParams(location.search);
    const sliders = told.limits.map((limit, place) => {
      const label = document.createElement("label");
      const input = document.createElement("input");
      const shown = document.createElement("output");
      input.type = "range";
      input.min = 0;
      input.max = limit.steps.length;
      const kept = query.get(`limit${place}`);
      input.value = kept === null || !(Number(kept) >= 0) ? input.max : kept;
      label.append(limit.name, input, shown);
      bar.append(label);
      input.addEventListener("input", update);
      return { input, shown, limit };
    });
    table.closest(".scroll").before(bar);
    update();

    function update() {
      const state = new URLSearchParams(location.search);
      const most = sliders.map(({ input, shown, limit }, place) => {
        const step = limit.steps[Number(input.value)];
        shown.value = step ? said(told.most, { value: step[1] }).join("") : told.any;
        input.setAttribute("aria-valuetext", shown.value);
        if (step) state.set(`limit${place}`, input.value); else state.delete(`limit${place}`);
        return step ? step[0] : Infinity;
      });
      const free = most.every((value) => value === Infinity);
      const within = rows.map((_, row) => most.every((value, place) => {
        const own = sliders[place].limit.values[row];
        return value === Infinity || (own !== null && own <= value);
      }));
      rows.forEach((row, place) => row.classList.toggle("beyond", !within[place]));
      front.classList.toggle("limited", !free);
      const left = rows.map((_, place) => place).filter((place) => within[place] && told.scores[place] !== "\u2013");
      const sentence = (text, place) => said(text, { name: { name: told.names[place] }, score: told.scores[place] });
      write(line, free ? [] : left.length ? [
        ...sentence(told.best, left[0]), ...(left.length > 1 ? [" ", ...sentence(told.next, left[1])] : []),
      ] : [told.none]);
      line.hidden = free;
      const search = String(state);
      try {
        history.replaceState(null, "", `${location.pathname}${search ? `?${search}` : ""}${location.hash}`);
      } catch { /* some pages may not write their own address */ }
    }
  }

  function sortable(table) {
    const body = table.tBodies[0];
    const written = [...body.rows];
    const heads = [...table.tHead.rows[0].cells];
    const key = (row, place) => {
      const cell = row.cells[place];
      return cell.dataset.key === undefined ? cell.textContent.trim() : Number(cell.dataset.key);
    };
    const order = (a, b) => {
      if (typeof a === "number" && typeof b === "number") return a - b;
      return String(a).localeCompare(String(b), document.documentElement.lang, { numeric: true });
    };
    const sort = (place, direction) => {
      const numbers = written.some((row) => row.cells[place].dataset.key !== undefined);
      const known = written.filter((row) => !numbers || row.cells[place].dataset.key !== undefined);
      const rest = written.filter((row) => !known.includes(row));
      const sign = direction === "descending" ? -1 : 1;
      if (direction !== "none") known.sort((a, b) => sign * order(key(a, place), key(b, place)));
      body.append(...(direction === "none" ? written : [...known, ...rest]));
    };
    heads.forEach((head, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const next = { none: "ascending", ascending: "descending", descending: "none" }[head.getAttribute("aria-sort")];
        heads.forEach((other) => other.setAttribute("aria-sort", "none"));
        head.setAttribute("aria-sort", next);
        sort(place, next);
      });
    });
  }
})();
