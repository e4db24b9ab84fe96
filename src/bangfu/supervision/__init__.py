"""Supervision: samples that anyone can redraw, blind re-visits, what they say of a township, and what is found."""
