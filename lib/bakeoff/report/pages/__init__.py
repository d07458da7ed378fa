"""Pages: tables, paragraphs, documents."""
