// What the other scripts share; they run after this one. What a reader has set stands in the address.
const report = (() => {
  "use strict";
  const address = (state) => {
    const search = String(state);
    try {
      history.replaceState(null, "", `${location.pathname}${search ? `?${search}` : ""}${location.hash}`);
    } catch { /* some pages may not write their own address */ }
  };
  const recalled = (key) => new URLSearchParams(location.search).get(key) || "";
  const remember = (key, ...values) => {
    const state = new URLSearchParams(location.search);
    state.delete(key);
    values.filter(Boolean).forEach((value) => state.append(key, value));
    address(state);
  };
  const fill = (text, gaps) => parts(text, gaps).join("");
  const parts = (text, gaps) => text.split(/\{(\w+)\}/).map((part, place) => (place % 2 ? gaps[part] : part));
  const element = (name, set, ...inside) => {
    const made = Object.assign(document.createElement(name), set);
    made.append(...inside);
    return made;
  };
  const words = JSON.parse(document.body.dataset.words || "{}");
  return { address, element, fill, parts, recalled, remember, words };
})();
