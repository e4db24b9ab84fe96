"""Phones: how the pages are reached from one, over which certificate, and from which application."""
