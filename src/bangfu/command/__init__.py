"""Command: the chain of posts, orders and tasks, appointments, helpers and their pairing with households, the work calendar."""
