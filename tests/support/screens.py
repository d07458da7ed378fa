"""The first screen of a report as it was kept: where its parts stand, and what it looks like from afar.

`python tests/support/screens.py --write` keeps it anew, after looking at it. Letters are drawn with a face that comes
with matplotlib, so that they are as wide everywhere; what is left of a machine's own way to draw them is within the
tolerances.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import tempfile
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from chromium import FLAGS, find

ROOT = Path(__file__).resolve().parents[2]
KEPT, FAILED = ROOT / "tests" / "golden" / "screens", ROOT / "build" / "screens"
SCREENS = {
    f"{width}-{scheme}": (width, height, scheme)
    for width, height in ((1440, 900), (360, 800))
    for scheme in ("light", "dark")
}
PARTS = {
    "title": "header.title h1",
    "facts": "header.title dl",
    "lead": ".answer .lead",
    "advice": ".answer > :not(.lead)",
    "limits": ".limits",
    "table": ".front table",
    "head": ".front thead tr",
    "first row": ".front tbody tr",
    "last row": ".front tbody tr:last-child",
    "interval": ".front tbody .span",
    "tools": ".front .tools",
    "methods": ".front .methods",
}
NEAR, SHARE = 6.0, 0.02  # pixels, and of a size: how far a part may stand from where it stood
AFAR, MOST, MEAN = 8, 20.0, 1.5  # pixels that are one from afar; of 255, the largest and the mean difference of those

Boxes = Mapping[str, list[float]]
Pixels = npt.NDArray[np.float64]


def _faces() -> str:
    """Return a style that draws every letter with matplotlib's own face."""
    import matplotlib as mpl

    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    faces = [("normal", "DejaVuSans.ttf"), ("bold", "DejaVuSans-Bold.ttf")]
    told = [
        f"@font-face {{ font-family: kept; font-weight: {weight}; "
        f"src: url(data:font/ttf;base64,{base64.b64encode((folder / name).read_bytes()).decode()}); }}"
        for weight, name in faces
    ]
    return "\n".join([*told, ":root { --sans: kept; --mono: kept; }"])


@contextmanager
def screen(browser: Any, address: str, name: str) -> Any:
    """Open a page as one of SCREENS."""
    width, height, scheme = SCREENS[name]
    # The page's own policy lets no font in: it is the one thing that is set aside.
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(address)
    page.add_style_tag(content=_faces())
    page.evaluate("document.fonts.load('16px kept').then(() => document.fonts.load('bold 16px kept'))")
    page.evaluate("document.fonts.ready.then(() => true)")
    yield page
    context.close()


def seen(page: Any) -> tuple[dict[str, list[float]], Image.Image]:
    """Return where the parts of a page stand (left, top, width, height in pixels), and its picture."""
    boxes = {}
    for part, place in PARTS.items():
        found = page.locator(place).first
        box = found.bounding_box() if found.count() and found.is_visible() else None
        boxes[part] = [round(box[side], 1) for side in ("x", "y", "width", "height")] if box else []
    return boxes, Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def compared(name: str, boxes: Boxes, picture: Image.Image) -> list[str]:
    """Return what differs from the kept screen, in words; the last names a picture of it. Empty where nothing does."""
    told, kept = _moved(json.loads((KEPT / "boxes.json").read_text("utf-8"))[name], boxes), _kept(name, picture)
    apart = np.abs(_afar(kept) - _afar(picture)).max(axis=2)
    if apart.max() > MOST or apart.mean() > MEAN:
        told.append(f"the picture differs by {apart.max():.0f} at most (of {MOST:.0f}), {apart.mean():.2f} in the mean")
    if told:
        told.append(f"kept, now and the difference: {_shown(name, kept, picture, apart)}")
    return told


def _moved(kept: Boxes, boxes: Boxes) -> list[str]:
    told = []
    for part, old in kept.items():
        new = boxes[part]
        if not old and not new:
            continue
        if not old or not new:
            told.append(f"{part}: {'seen' if new else 'not seen'}, {'seen' if old else 'not seen'} before")
        elif any(abs(a - b) > NEAR + SHARE * max(old[2:]) for a, b in zip(old, new, strict=True)):
            told.append(f"{part}: stands at {new}, before at {old}")
    return told


def _kept(name: str, picture: Image.Image) -> Image.Image:
    return Image.open(KEPT / f"{name}.png").convert("RGB").resize(picture.size, Image.Resampling.BILINEAR)


def _afar(picture: Image.Image) -> Pixels:
    """Return a picture as it is seen from afar, where no letter can be told from another."""
    small = picture.resize((picture.width // AFAR, picture.height // AFAR), Image.Resampling.BOX)
    return np.asarray(small.filter(ImageFilter.GaussianBlur(1.5)), dtype=float)


def _shown(name: str, kept: Image.Image, picture: Image.Image, apart: Pixels) -> Path:
    FAILED.mkdir(parents=True, exist_ok=True)
    darkness = Image.fromarray(np.clip(255 - 4 * apart, 0, 255).astype(np.uint8)).resize(picture.size).convert("RGB")
    sheet = Image.new("RGB", (3 * picture.width + 40, picture.height), "white")
    for place, one in enumerate((kept, picture, darkness)):
        sheet.paste(one, (place * (picture.width + 20), 0))
    path = FAILED / f"{name}.png"
    sheet.save(path)
    return path


def keep(browser: Any, address: str) -> None:
    """Keep every screen of a page: half its size and 256 colours, some dozen kilobytes each."""
    KEPT.mkdir(parents=True, exist_ok=True)
    places = {}
    for name in SCREENS:
        with screen(browser, address, name) as page:
            places[name], picture = seen(page)
        half = picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)
        half.quantize(256, dither=Image.Dither.NONE).save(KEPT / f"{name}.png", optimize=True)
    (KEPT / "boxes.json").write_text(json.dumps(places, indent=1) + "\n", "utf-8")


def first_screen(folder: Path) -> str:
    """Write a page that has the first screen of the demo's made-up records; return its address."""
    import sample
    from views import fronted, view

    return fronted(view(sample.collection(), folder / "records"), folder).as_uri()


def main() -> None:
    """Say what differs, or keep the screens anew."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the screens as they are now")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        address = first_screen(Path(folder))
        if asked.write:
            keep(browser, address)
        for name in SCREENS:
            with screen(browser, address, name) as page:
                print(name, *compared(name, *seen(page)), sep="\n  ")  # noqa: T201 - what it is for
        browser.close()


if __name__ == "__main__":
    main()
