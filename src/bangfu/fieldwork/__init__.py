"""Fieldwork: forms, the OpenRosa server that phones talk to, submissions and what becomes of them."""
