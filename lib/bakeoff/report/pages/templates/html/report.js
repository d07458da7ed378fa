// The page reads whole without this: it folds the contents on narrow screens, marks the section being read, tries
// limits, and sorts, filters and copies tables and chooses their columns.
(() => {
  "use strict";
  const { address, element, fill, parts, recalled, remember, words } = report;
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
  unfold();
  document.querySelectorAll("table[data-limits]").forEach(limits);  // before sorting: it knows rows by their place
  const FORMS = {
    Markdown: ([head, ...rows]) => [head, head.map((cell) => ({ text: cell.right ? "--:" : ":--", rule: true })), ...rows]
      .map((row) => `| ${row.map((cell) => (cell.rule ? cell.text : cell.text.replace(/[\\|*_`<>[\]]/g, "\\$&"))).join(" | ")} |\n`).join(""),
    CSV: (rows) => rows.map((row) => row.map(({ text }) => {
      const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;  // no spreadsheet takes it for a formula
      return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
    }).join(",")).join("\n") + "\n",
    LaTeX: ([head, ...rows]) => {
      const signs = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "\u2212": "$-$", "\u00b1": "$\\pm$", "\u00d7": "$\\times$", "\u2013": "--" };
      const spell = ({ text }) => text.replace(/[\\~^\u2212\u00b1\u00d7\u2013&%$#_{}]/g, (sign) => signs[sign] || `\\${sign}`);
      const line = (row) => `${row.map(spell).join(" & ")} \\\\\n`;
      const sides = head.map((cell) => (cell.right ? "r" : "l")).join("");
      return `\\begin{tabular}{${sides}}\n\\toprule\n${line(head)}\\midrule\n${rows.map(line).join("")}\\bottomrule\n\\end{tabular}\n`;
    },
  };
  const tables = [...document.querySelectorAll("table.report")].filter((table) => table.tHead && table.tBodies.length);
  tables.forEach(sortable);
  tables.forEach(tools);
  tables.forEach(commands);
  stops();

  // Escape closes the menu that has the focus, and gives it back to what opened it.
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest("details:is(.columns, .methods)[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  // A link into a folded section opens it; the heading of one has the address.
  function unfold() {
    const reveal = (hash) => {
      const target = document.getElementById(decodeURIComponent(hash.slice(1)));
      for (let one = target && target.closest("details"); one; one = one.parentElement.closest("details")) one.open = true;
    };
    const follow = () => reveal(location.hash);
    window.addEventListener("hashchange", follow);
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='#']");
      if (link) reveal(link.hash);
    });
    follow();
  }

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
    // On a narrow screen the best rows come first.
    const narrow = window.matchMedia("(max-width: 45rem)");
    const put = () => (narrow.matches && front.querySelector(".methods") || table.closest(".scroll")).before(bar);
    narrow.addEventListener("change", put);
    put();
    update();

    function update() {
      const state = new URLSearchParams(location.search);
      const most = sliders.map(({ input, shown, limit }, place) => {
        const step = limit.steps[Number(input.value)];
        shown.value = step ? fill(told.most, { value: step[1] }) : told.any;
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
      const sentence = (text, place) => parts(text, { name: { name: told.names[place] }, score: told.scores[place] });
      write(line, free ? [] : left.length ? [
        ...sentence(told.best, left[0]), ...(left.length > 1 ? [" ", ...sentence(told.next, left[1])] : []),
      ] : [told.none]);
      line.hidden = free;
      address(state);
    }
  }

  // A box is a stop of the keyboard only while there is something to scroll in it.
  function stops() {
    const boxes = [...document.querySelectorAll(".scroll[tabindex]")];
    const look = (box) => {
      if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0; else box.removeAttribute("tabindex");
    };
    const watch = new ResizeObserver((seen) => seen.forEach((one) => look(one.target)));
    boxes.forEach((box) => { look(box); watch.observe(box); });
  }

  function sortable(table) {
    const body = table.tBodies[0];
    const written = [...body.rows];
    const place = tables.indexOf(table);
    if (written.length < 2) return;
    table.classList.add("sortable");
    const heads = [...table.tHead.rows[0].cells];
    const key = (row, column) => {
      const cell = row.cells[column];
      return cell.dataset.key === undefined ? cell.textContent.trim() : Number(cell.dataset.key);
    };
    const plain = (text) => (/^[-+\u2212]?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(text) ? Number(text.replace("\u2212", "-")) : NaN);
    const order = (a, b) => {
      const [first, second] = [a, b].map((one) => (typeof one === "number" ? one : plain(one)));
      if (!Number.isNaN(first) && !Number.isNaN(second)) return first - second;
      return String(a).localeCompare(String(b), document.documentElement.lang, { numeric: true });
    };
    const sort = (column, direction) => {
      const numbers = written.some((row) => row.cells[column].dataset.key !== undefined);
      const known = written.filter((row) => !numbers || row.cells[column].dataset.key !== undefined);
      const rest = written.filter((row) => !known.includes(row));
      const sign = direction === "descending" ? -1 : 1;
      if (direction !== "none") known.sort((a, b) => sign * order(key(a, column), key(b, column)));
      body.append(...(direction === "none" ? written : [...known, ...rest]));
      heads.forEach((other, number) => {
        if (buttons[number]) other.setAttribute("aria-sort", number === column ? direction : "none");
      });
    };
    // One stop of the keyboard a table: arrows go from heading to heading.
    const buttons = heads.map((head, column) => {
      if (!head.textContent.trim()) return null;
      const button = element("button", { type: "button", tabIndex: -1 }, ...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const next = { none: "ascending", ascending: "descending", descending: "none" }[head.getAttribute("aria-sort")];
        sort(column, next);
        remember(`sort${place}`, next === "none" ? "" : `${column}.${next}`);
      });
      button.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        let next = column + step;
        while (heads[next] && (!buttons[next] || heads[next].classList.contains("out"))) next += step;
        const other = buttons[next];
        if (!other) return;
        event.preventDefault();
        button.tabIndex = -1;
        other.tabIndex = 0;
        other.focus();
      });
      return button;
    });
    const first = buttons.find(Boolean);
    if (first) first.tabIndex = 0;
    const [column, direction] = recalled(`sort${place}`).split(".");
    if (heads[column] && ["ascending", "descending"].includes(direction)) sort(Number(column), direction);
  }

  function tools(table) {
    const rows = [...table.tBodies[0].rows];
    const place = tables.indexOf(table);
    const caption = table.caption ? table.caption.textContent : "";
    const bar = element("div", { className: "tools" });
    const told = element("span", {});
    told.setAttribute("role", "status");
    if (rows.length > 7) {
      const input = element("input", { type: "search", placeholder: words.filter, value: recalled(`filter${place}`) });
      input.setAttribute("aria-label", `${words.filter}: ${caption}`);
      const filter = () => {
        const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
        rows.forEach((row) => {
          const text = row.textContent.toLowerCase();
          row.classList.toggle("unmatched", !wanted.every((word) => text.includes(word)));
        });
        const kept = rows.filter((row) => !row.classList.contains("unmatched")).length;
        told.textContent = wanted.length ? fill(words.matching, { done: kept, total: rows.length }) : "";
        remember(`filter${place}`, input.value);
      };
      input.addEventListener("input", filter);
      if (input.value) filter();
      bar.append(input);
    }
    if (table.tHead.rows[0].cells.length > 3) bar.append(columns(table, place));
    const choice = element("select", {}, new Option(`${words.copy} \u2026`, ""), ...Object.keys(FORMS).map((one) => new Option(one)));
    choice.setAttribute("aria-label", `${words.copy} \u2026: ${caption}`);
    choice.addEventListener("change", async () => {
      const form = choice.value;
      choice.value = "";
      if (!form) return;
      await copy(FORMS[form](content(table)));
      told.textContent = `${words.copied}: ${form}`;
    });
    bar.append(choice, told);
    table.closest(".scroll").after(bar);
  }

  // Which columns a table shows; the first one names its rows and stays.
  function columns(table, place) {
    const heads = [...table.tHead.rows[0].cells];
    const out = new Set(recalled(`columns${place}`).split(".").filter((at) => at > 0 && heads[at]).map(Number));
    const menu = element("details", { className: "columns" }, element("summary", { textContent: words.columns }));
    const list = element("div", {});
    menu.append(list);
    const apply = () => {
      [...table.rows].forEach((row) => [...row.cells].forEach((cell, at) => cell.classList.toggle("out", out.has(at))));
      remember(`columns${place}`, [...out].sort((one, other) => one - other).join("."));
      const buttons = heads.map((head) => head.querySelector("button")).filter(Boolean);
      const stop = buttons.find((button) => button.tabIndex === 0);
      if (stop && stop.closest("th").classList.contains("out")) { stop.tabIndex = -1; buttons[0].tabIndex = 0; }
    };
    menu.addEventListener("toggle", () => {
      if (!menu.open) return;
      list.replaceChildren(...heads.slice(1).map((head, before) => {
        const box = element("input", { type: "checkbox", checked: !out.has(before + 1) });
        box.addEventListener("change", () => {
          if (box.checked) out.delete(before + 1); else out.add(before + 1);
          apply();
        });
        return element("label", {}, box, " ", head.textContent);
      }));
    });
    if (out.size) apply();
    return menu;
  }

  // What a table shows now, in its order; the numbers of a cell of its own, as the table knows them, are kept aside.
  function content(table) {
    const shown = [...table.tBodies[0].rows].filter((row) => row.getClientRects().length);
    return [table.tHead.rows[0], ...shown].map((row) => [...row.cells].filter((cell) => !cell.classList.contains("out")).map((cell) => {
      const copied = cell.cloneNode(true);
      copied.querySelectorAll("svg, button.copy").forEach((one) => one.remove());
      copied.querySelectorAll("br").forEach((one) => one.replaceWith(" "));
      return { text: copied.textContent.replace(/\s+/g, " ").trim(), right: cell.style.textAlign === "right" };
    }));
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = element("textarea", { value: text });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  }

  function commands(table) {
    table.querySelectorAll("tbody td").forEach((cell) => {
      const text = cell.textContent.trim();
      if (!/^(bakeoff|papermill) \S/.test(text)) return;
      const button = element("button", { type: "button", className: "copy", textContent: words.copy });
      button.textContent = words.copy_command;
      button.setAttribute("aria-label", `${words.copy_command}: ${text}`);
      button.addEventListener("click", async () => {
        await copy(text);
        button.textContent = words.copied;
      });
      cell.append(button);
    });
  }
})();
