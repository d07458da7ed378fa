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
