"""The income sheet of a household as arithmetic: totals, periods, queries, own produce, words. No database, no web.

All money is whole fen. What is not known is None, never 0. The sources of each rule stand where it is written and in
docs/mechanisms/income-sheet.md.
"""
