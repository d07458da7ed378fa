"""What a page looks like, measured in its browser: what sticks out, what is too small, what stands out too little."""

from __future__ import annotations

from typing import Any

__all__ = ["contrast", "small_texts", "sticking_out"]

_SHOWN = """
const shown = (one) => one.getClientRects().length > 0 && getComputedStyle(one).visibility === "visible"
  && !one.closest(".skip, [hidden]") && getComputedStyle(one).clipPath === "none";
const texts = () => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (node.data.trim() && shown(node.parentElement) && !node.parentElement.closest("script, style")) found.push(node);
  }
  return found;
};
"""

_SMALL = """(least) => {
  SHOWN
  const size = (one) => {
    const own = parseFloat(getComputedStyle(one).fontSize);
    const drawn = one.ownerSVGElement;
    return drawn ? own * drawn.getBoundingClientRect().width / drawn.viewBox.baseVal.width : own;
  };
  const sized = texts().map((node) => [node.data.trim().slice(0, 40), size(node.parentElement)]);
  return sized.filter(([, at]) => at < least);
}"""

_OUT = """() => {
  SHOWN
  const width = document.documentElement.clientWidth;
  const scrolls = (one) => {
    for (let box = one; box; box = box.parentElement) {
      if (["auto", "scroll", "hidden"].includes(getComputedStyle(box).overflowX)) return true;
    }
    return false;
  };
  const found = texts().map((node) => node.parentElement).filter((one) => {
    const box = one.getBoundingClientRect();
    return (box.right > width + 1 || box.left < -1) && !scrolls(one);
  }).map((one) => [one.tagName, one.textContent.trim().slice(0, 60)]);
  const wide = document.documentElement.scrollWidth;
  return wide > width ? [["page", String(wide)], ...found] : found;
}"""

_CONTRAST = """() => {
  SHOWN
  const seen = (text) => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d");
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return { rgb: [red, green, blue], alpha: alpha / 255 };
  };
  const linear = (one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
  const light = ([red, green, blue]) => 0.2126 * linear(red / 255) + 0.7152 * linear(green / 255)
    + 0.0722 * linear(blue / 255);
  const paper = seen(getComputedStyle(document.body).backgroundColor).rgb;
  const against = (colour, opacity) => {
    if (colour === "none") return 1;
    const { rgb, alpha } = seen(colour);
    const mixed = rgb.map((one, place) => one * alpha * opacity + paper[place] * (1 - alpha * opacity));
    const [high, low] = [light(mixed), light(paper)].sort((one, other) => other - one);
    return (high + 0.05) / (low + 0.05);
  };
  const through = (one, drawn) => {
    let opacity = 1;
    for (let at = one; at && at !== drawn.parentElement; at = at.parentElement) {
      opacity *= Number(getComputedStyle(at).opacity);
    }
    return opacity;
  };
  const marks = (part) => [part, ...part.querySelectorAll("*")].filter((one) => one.tagName !== "g"
    && !one.closest("text, defs, clipPath"));
  const most = (part, drawn) => Math.max(1, ...marks(part).map((one) => {
    const style = getComputedStyle(one);
    const opacity = through(one, drawn);
    return Math.max(against(style.fill, opacity * Number(style.fillOpacity)),
      style.stroke === "none" ? 1 : against(style.stroke, opacity * Number(style.strokeOpacity)));
  }));
  const found = [];
  document.querySelectorAll("figure.report svg").forEach((drawn) => {
    if (!shown(drawn)) return;
    const best = {};
    drawn.querySelectorAll("[data-method]").forEach((part) => {
      if (!part.querySelector("path, use, rect, circle, image") && !["path", "use"].includes(part.tagName)) return;
      best[part.dataset.method] = Math.max(best[part.dataset.method] || 1, most(part, drawn));
    });
    const caption = drawn.closest("figure").querySelector("figcaption").textContent.slice(0, 50);
    Object.entries(best).forEach(([name, ratio]) => found.push([caption, name, ratio]));
  });
  document.querySelectorAll(".span .dot, .span .line, .span .arrow, .span .held, .bar").forEach((one) => {
    if (!shown(one)) return;
    const style = getComputedStyle(one);
    const opacity = through(one, one.closest("svg") || one);
    const ratio = one.matches(".bar") ? against(style.backgroundColor, opacity)
      : Math.max(against(style.fill, opacity), style.stroke === "none" ? 1 : against(style.stroke, opacity));
    found.push(["summary", one.getAttribute("class"), ratio]);
  });
  return found;
}"""


def small_texts(page: Any, least: float) -> list[tuple[str, float]]:
    """Return texts that are shown with letters of less than `least` pixels."""
    return page.evaluate(_SMALL.replace("SHOWN", _SHOWN), least)


def sticking_out(page: Any) -> list[tuple[str, str]]:
    """Return elements with text that leave the window at a side, outside of what scrolls by itself."""
    return page.evaluate(_OUT.replace("SHOWN", _SHOWN))


def contrast(page: Any) -> list[tuple[str, str, float]]:
    """Return figure, method and the contrast of its strongest mark to the page; of marks in tables, of each."""
    return page.evaluate(_CONTRAST.replace("SHOWN", _SHOWN))
