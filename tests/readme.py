"""Write what the README shows of the demo: its table with the command behind each row, and a picture of its report.

Run by `make readme` after `make report`; a test holds the table against what this would write.
"""

import re
from pathlib import Path

from bakeoff.report import view
from bakeoff.reporting.view import ComparisonView
from bakeoff.workspace import find_workspace
from chromium import FLAGS, find

ROOT = Path(__file__).resolve().parents[1]
SHOWN = ("method", "accuracy", "difference to full", "training time", "peak memory", "trainable parameters")
MARK = re.compile(r"(<!-- demo table:[^\n]*-->\n).*?(<!-- end of demo table -->)", re.DOTALL)


def demo_table(shown: ComparisonView) -> str:
    """Return the Markdown table."""
    summary, commands = shown.summary(lines=False), shown.commands()
    assert commands is not None, "nothing has run"
    command = {row[0]: row[1] for row in commands.rows}
    places = [summary.header.index(name) for name in SHOWN]
    lines = [[*SHOWN, "command"], ["---"] * (len(SHOWN) + 1)]
    lines += [[*(row[place] for place in places), f"`{command[row[0]]}`"] for row in summary.rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def picture(report: Path, target: Path) -> None:
    """Take a picture of the top of the report."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 1330}, color_scheme="light")
        page.goto(report.as_uri())
        page.screenshot(path=target)
        browser.close()


def main() -> None:
    """Rewrite the table and the picture."""
    workspace = find_workspace(ROOT)
    table = demo_table(view("params/demo.yaml", workspace=workspace))
    readme = ROOT / "README.md"
    readme.write_text(MARK.sub(lambda found: found[1] + table + found[2], readme.read_text("utf-8")), "utf-8")
    picture(workspace.report_folder("demo") / "report.html", ROOT / "reports" / "demo.png")


if __name__ == "__main__":
    main()
