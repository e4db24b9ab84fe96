"""The pages of the demo: the tour of its stories."""
