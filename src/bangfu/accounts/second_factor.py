"""The second factor: six digits of an authenticator, by RFC 6238 (a code per 30 seconds). Pure functions over the library."""

from __future__ import annotations

from datetime import datetime

import pyotp

STEP_SECONDS = 30
DRIFT = 1  # a phone's clock may be one step early or late


def new_secret() -> str:
    """A secret for an authenticator: 160 random bits in base 32."""
    return pyotp.random_base32()


def address(secret: str, username: str, issuer: str) -> str:
    """The address (`otpauth://…`) that an authenticator reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def matching_step(secret: str, code: str, at: datetime, after: int | None) -> int | None:
    """The time step that a code belongs to, one step of drift allowed; None where it belongs to none, or to none later than `after`.

    A step that was accepted once is not accepted again (RFC 6238 §5.2): a code read over a shoulder is worth nothing.
    """
    plain = code.replace(" ", "")
    now = int(at.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in range(now - DRIFT, now + DRIFT + 1):
        if (after is None or step > after) and pyotp.utils.strings_equal(totp.generate_otp(step), plain):
            return step
    return None
