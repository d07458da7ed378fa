"""What a table shows, by column."""

from bakeoff.report.pages.table import Table


def column(table: Table, name: str) -> dict[str, str]:
    place = table.header.index(name)
    return {row[0]: row[place].replace("\N{NO-BREAK SPACE}", " ") for row in table.rows}
