"""Write what pages show and a program knows: the README's table and picture of the demo, the support matrix.

Run by `make readme` after `make report`; tests hold the tables against what this would write.
"""

import re
from pathlib import Path

from bakeoff.report.build import view
from bakeoff.report.view import ComparisonView
from bakeoff.system.workspace import find_workspace
from chromium import FLAGS, find

ROOT = Path(__file__).resolve().parents[2]
README, MODELS = ROOT / "README.md", ROOT / "docs" / "reference" / "models.md"
SHOWN = ("method", "accuracy", "difference to full, pp", "finding", "training", "peak memory", "parameters")
MARK = re.compile(r"(<!-- demo table:[^\n]*-->\n).*?(<!-- end of demo table -->)", re.DOTALL)
SUPPORT = re.compile(r"(<!-- support matrix:[^\n]*-->\n).*?(<!-- end of support matrix -->)", re.DOTALL)


def demo_table(shown: ComparisonView) -> str:
    """Return the Markdown table."""
    summary, commands = shown.summary(), shown.commands()
    assert commands is not None, "nothing has run"
    command = {row[0]: row[1] for row in commands.rows}
    places = [summary.header.index(name) for name in SHOWN]
    lines = [[*SHOWN, "command"], ["---"] * (len(SHOWN) + 1)]
    lines += [[*(row[place].replace("\n", ", ") for place in places), f"`{command[row[0]]}`"] for row in summary.rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def support_table() -> str:
    """Return the Markdown table of methods and architectures, the reasons for what does not work below it."""
    from bakeoff.methods.compatibility import support_matrix
    from bakeoff.methods.registry import TABLE, method

    matrix = support_matrix()
    architectures = list(next(iter(matrix.values())))
    reasons: dict[str, int] = {}
    lines = [["method", *architectures], ["---", *[":-:"] * len(architectures)]]
    for kind, row in matrix.items():
        # An architecture's own name in a reason would make one note of each cell.
        general = [reason and re.sub(r"\b\w+Model\b", "the model", reason) for reason in row.values()]
        numbers = [
            reasons.setdefault(reason.replace(kind, "it"), len(reasons) + 1) if reason else 0 for reason in general
        ]
        lines.append([f"`{kind}`", *(f"– ({number})" if number else "yes" for number in numbers)])
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    notes = "\n".join(f"{number}. {reason[0].upper()}{reason[1:]}." for reason, number in reasons.items())
    classical = ", ".join(f"`{kind}`" for kind in sorted(TABLE) if not method(kind).neural)
    return f"{table}\n\n{notes}\n\nThe methods {classical} read texts only and need no model.\n"


def picture(report: Path, target: Path, *, at: str = "", height: int = 900) -> None:
    """Take a picture of the report from the place called `at` downwards, from its top where that is empty."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": height}, color_scheme="light")
        page.goto(report.as_uri())
        if at:
            page.locator(f"#{at}").evaluate("place => place.scrollIntoView({behavior: 'instant'})")
        page.screenshot(path=target)
        browser.close()
    # As many colours as a page of text and figures needs: a third of the bytes.
    Image.open(target).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(target, optimize=True)


def main() -> None:
    """Rewrite the table and the picture."""
    workspace = find_workspace(ROOT)
    table = demo_table(view("params/demo.yaml", workspace=workspace))
    for page, mark, written in ((README, MARK, table), (MODELS, SUPPORT, support_table())):
        text = mark.sub(lambda found, new=written: found[1] + new + found[2], page.read_text("utf-8"))
        page.write_text(text, "utf-8")
    picture(workspace.report_folder("demo") / "report.html", ROOT / "reports" / "demo.png")


if __name__ == "__main__":
    main()
