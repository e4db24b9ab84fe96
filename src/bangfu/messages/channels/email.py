"""E-mail over SMTP: the last resort, since few read it and it lies on machines of others."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.utils import make_msgid

from bangfu.foundation.hiding import hide
from bangfu.foundation.say import Text
from bangfu.messages.channels import FAILED, SENT, Field, Letter, Receipt
from bangfu.messages.channels.outgoing import TIMEOUT, WORDS, host_of, is_loopback
from bangfu.messages.problems import BAD_SETTING


class Email:
    """Letters to users' e-mail addresses."""

    key = "email"
    title = Text("电子邮件", "E-mail")
    may_hold_personal = False
    reaches = "email"
    quiet = True
    digest = True
    per_minute = 60
    fields: tuple[Field, ...] = (
        Field("server", Text("服务器和端口", "Server and port"), needed=True, address=True, hint=Text("如 smtp.example.org:465", "as smtp.example.org:465")),
        Field("security", Text("加密", "Encryption"), "tls", choices=("tls", "starttls", "none")),
        Field("sender", Text("发件地址", "Sender"), needed=True),
        Field("user", Text("用户名", "User")),
        Field("password", Text("密码", "Password"), secret=True),
    )  # fmt: skip

    def check(self, settings: Mapping[str, str]) -> None:
        """The server has a port, the sender is an address, and what leaves this machine is encrypted. Raises BF-2311."""
        host = host_of(settings.get("server", ""))
        if not host.rpartition(":")[2].isdecimal():
            raise BAD_SETTING(field=self.fields[0].title, wanted=Text("写成 主机:端口", "host:port"))
        if settings.get("security") == "none" and not is_loopback(host):
            raise BAD_SETTING(
                field=self.fields[1].title, wanted=Text("只有本机可以不加密", "only this very machine may go without")
            )
        sender = settings.get("sender", "")
        if "@" not in sender or any(c.isspace() or c in "<>," for c in sender):
            raise BAD_SETTING(field=self.fields[2].title, wanted=Text("写成 name@example.org", "as name@example.org"))

    def deliver(self, batch: Sequence[Letter], settings: Mapping[str, str]) -> list[Receipt]:
        """Send each letter within one conversation with the server; what is left when it breaks off is tried again."""
        found: list[Receipt] = []
        try:
            with self._server(settings) as server:
                for letter in batch:
                    found.append(self._one(server, letter, settings))
        except (OSError, smtplib.SMTPException) as error:
            words, again = _words(error), not isinstance(error, smtplib.SMTPAuthenticationError)
            found += [Receipt(letter.key, FAILED, words, again) for letter in batch[len(found) :]]
        return found

    def _server(self, settings: Mapping[str, str]) -> smtplib.SMTP:
        host, _, port = host_of(settings["server"]).rpartition(":")
        if settings.get("security", "tls") == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host.strip("[]"), int(port), timeout=TIMEOUT, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host.strip("[]"), int(port), timeout=TIMEOUT)
        try:
            if settings.get("security") == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.get("user"):
                server.login(settings["user"], settings.get("password", ""))
        except BaseException:
            server.close()
            raise
        return server

    def _one(self, server: smtplib.SMTP, letter: Letter, settings: Mapping[str, str]) -> Receipt:
        mail = EmailMessage()
        mail["From"], mail["To"] = settings["sender"], letter.address
        mail["Subject"] = " ".join(letter.subject.split())
        mail["Message-ID"] = make_msgid(domain=settings["sender"].rpartition("@")[2])
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(letter.body or letter.subject)
        try:
            server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            server.rset()
            return Receipt(letter.key, FAILED, hide(f"{code} {words.decode('utf-8', 'replace')}")[:WORDS], 400 <= code < 500)
        except smtplib.SMTPResponseException as error:
            server.rset()
            return Receipt(letter.key, FAILED, _words(error), 400 <= error.smtp_code < 500)
        return Receipt(letter.key, SENT, provider_key=str(mail["Message-ID"])[:80])


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        return hide(f"{error.smtp_code} {words}")[:WORDS]
    return hide(f"{type(error).__name__}: {error}")[:WORDS]
