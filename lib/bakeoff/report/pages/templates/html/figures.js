// Below each figure: a link to it, and its picture and numbers to keep, made in the page.
(() => {
  "use strict";
  document.querySelectorAll("figure.report:has(> .drawn)").forEach((figure) => {
    const bar = document.createElement("span");
    bar.className = "take";
    const link = document.createElement("a");
    link.href = `#${figure.id}`;
    link.textContent = "#";
    link.setAttribute("aria-label", figure.id);
    bar.append(link);
    const add = (name, make) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.addEventListener("click", make);
      bar.append(button);
    };
    add("SVG", () => keep(figure, "svg", new Blob([standing(figure)], { type: "image/svg+xml" })));
    add("PNG", () => picture(figure));
    if (figure.dataset.csv) add("CSV", () => keep(figure, "csv", new Blob([figure.dataset.csv], { type: "text/csv" })));
    figure.querySelector("figcaption").prepend(bar);
  });
  const boxes = document.querySelectorAll(".drawn");
  const reach = () => boxes.forEach((box) => {  // what scrolls can be reached by the keyboard, nothing else
    const scrolls = box.scrollWidth > box.clientWidth + 1;
    if (scrolls) box.tabIndex = 0; else box.removeAttribute("tabindex");
    if (scrolls) box.setAttribute("role", "region"); else box.removeAttribute("role");
    if (scrolls) box.setAttribute("aria-label", box.closest("figure").querySelector("figcaption").textContent);
    else box.removeAttribute("aria-label");
  });
  window.addEventListener("resize", reach);
  document.addEventListener("toggle", reach, true);
  reach();

  function keep(figure, kind, blob) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${figure.id}.${kind}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  // The drawing outside the page: the colours and letters that it has here, written into it.
  function standing(figure) {
    const drawn = figure.querySelector("svg");
    const copy = drawn.cloneNode(true);
    const copies = copy.querySelectorAll("*");
    drawn.querySelectorAll("*").forEach((one, place) => {
      const style = getComputedStyle(one);
      ["fill", "stroke"].forEach((name) => {
        if (one.style[name]) copies[place].style[name] = style[name];
      });
      if (one.tagName === "text") copies[place].style.fontFamily = style.fontFamily;
    });
    const box = drawn.viewBox.baseVal;
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("width", box.width);
    copy.setAttribute("height", box.height);
    copy.removeAttribute("style");
    copy.style.cssText = "stroke-linejoin: round; stroke-linecap: butt";
    copy.style.background = getComputedStyle(document.body).backgroundColor;
    return new XMLSerializer().serializeToString(copy);
  }

  function picture(figure) {
    const image = new Image();
    image.addEventListener("load", () => {
      const canvas = document.createElement("canvas");
      canvas.width = 3 * image.width;
      canvas.height = 3 * image.height;
      const context = canvas.getContext("2d");
      context.fillStyle = getComputedStyle(document.body).backgroundColor;
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => keep(figure, "png", blob));
    });
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standing(figure))}`;
  }
})();
