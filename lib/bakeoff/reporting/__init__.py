"""From records to a document; nothing here imports torch."""
