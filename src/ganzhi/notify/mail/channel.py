"""One mail to one address by SMTP. Its Message-ID is made of the notice's key, so a repetition is the same mail.

Refuses line ends in what becomes a header, and any address that is not exactly one (reliability 1.3.11, A19).
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime

from ganzhi.base.addresses import is_mail_address
from ganzhi.base.clock import Clock
from ganzhi.base.ids import digest
from ganzhi.base.settings import MailSettings, NotifySettings, TargetSettings
from ganzhi.notify.http import cut_off, secret_of
from ganzhi.notify.message import DeliveryError, Message


class Mail:
    """The channel `mail`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def send(self, message: Message, target: TargetSettings, settings: NotifySettings) -> None:
        """Deliver, or raise DeliveryError."""
        server = settings.mail
        if not server.host:
            raise DeliveryError("no mail server in the settings")
        written = self.compose(message, target.address, server.sender)
        password = secret_of(server.password_file)
        smtp = _client(server, settings.deadline_s)
        try:
            with cut_off(lambda: smtp.sock, settings.deadline_s):
                smtp.connect(server.host, server.port)
                _greet(smtp, server, password)
                smtp.send_message(written, server.sender, [target.address])
                _leave(smtp)
        except TimeoutError:
            raise DeliveryError("timed out") from None
        except smtplib.SMTPResponseException as error:
            raise DeliveryError(f"smtp {error.smtp_code}") from None
        except smtplib.SMTPRecipientsRefused as error:
            codes = sorted({code for code, _ in error.recipients.values()})
            raise DeliveryError(f"smtp {codes[0]} recipient") from None
        except ssl.SSLError as error:
            raise DeliveryError(f"tls: {error.reason or 'failed'}"[:200]) from None
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise DeliveryError(type(error).__name__) from None
        finally:
            smtp.close()

    def compose(self, message: Message, to: str, sender: str) -> EmailMessage:
        """The mail; DeliveryError when an address or a header would be more than one."""
        if not is_mail_address(to) or not is_mail_address(sender):
            raise DeliveryError("address refused")
        for text in (message.subject, message.key):
            if any(not each.isprintable() for each in text):
                raise DeliveryError("header refused")
        domain = sender.rpartition("@")[2]
        written = EmailMessage(policy=WIRE)
        written["From"] = sender
        written["To"] = to
        written["Subject"] = f"{message.subject} (×{message.repeat + 1})" if message.repeat else message.subject
        written["Date"] = format_datetime(self._clock.now())
        written["Message-ID"] = f"<{digest(message.key)[:40]}@{domain}>"
        written["X-Ganzhi-Key"] = message.key
        written["Auto-Submitted"] = "auto-generated"
        written.set_content(f"{message.text}\n\n[{message.key}]\n")
        return written


def _client(server: MailSettings, deadline_s: float) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(timeout=deadline_s, context=_trust(server))
    return smtplib.SMTP(timeout=deadline_s)


def _leave(smtp: smtplib.SMTP) -> None:
    """Say goodbye; the mail was taken already, so what goes wrong here does not matter."""
    with contextlib.suppress(smtplib.SMTPException, OSError):
        smtp.quit()


def _greet(smtp: smtplib.SMTP, server: MailSettings, password: str) -> None:
    """Encrypt as the settings say, and sign in; never in the clear when they say it is encrypted."""
    smtp.ehlo_or_helo_if_needed()
    if server.security == "starttls":
        smtp.starttls(context=_trust(server))
    if server.user:
        smtp.login(server.user, password)


def _trust(server: MailSettings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=server.ca_file or None)
