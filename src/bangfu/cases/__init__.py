"""Cases: every gap has an owner, a deadline and a proof; decisions about a household; meetings and notices."""
