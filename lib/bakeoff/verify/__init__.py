"""`bakeoff verify`: a report's claims, checked by doing it again."""
