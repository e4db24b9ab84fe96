"""The pages of command: my day, the chain, orders, appointments, pairing, the calendar."""
