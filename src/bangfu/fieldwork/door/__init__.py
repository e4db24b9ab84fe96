"""The OpenRosa door: where phones fetch forms and hand in what was filled in. It stands before the pages and is an application of its own."""
