"""Messages: what is told to whom, over which channel, with receipts; quiet hours and one digest a day."""
