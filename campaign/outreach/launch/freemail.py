"""Domains of public mailboxes: their owners publish DMARC policies that make mail from any other sender fail."""

from __future__ import annotations

import re

# Each of these has many country domains: yahoo.com, yahoo.co.uk, yahoo.es.
_PROVIDERS = """
gmail googlemail yahoo ymail rocketmail hotmail outlook aol gmx icloud protonmail yandex zohomail tutanota fastmail
"""
_FAMILY = re.compile(rf"(?:.*\.)?(?:{'|'.join(_PROVIDERS.split())})\.[a-z]{{2,4}}(?:\.[a-z]{{2}})?")

_DOMAINS = """
live.com live.ca live.co.uk live.com.au live.com.mx live.com.ar live.fr live.nl msn.com passport.com windowslive.com
me.com mac.com proton.me pm.me mail.com email.com usa.com inbox.com zoho.com zoho.eu tuta.com tuta.io tutamail.com
hey.com hushmail.com fastmail.fm mail.ru bk.ru list.ru inbox.ru qq.com 163.com 126.com naver.com daum.net
web.de t-online.de freenet.de orange.fr free.fr laposte.net wanadoo.fr libero.it terra.com.br uol.com.br prodigy.net.mx
comcast.net xfinity.com att.net sbcglobal.net bellsouth.net ameritech.net pacbell.net swbell.net verizon.net
cox.net charter.net spectrum.net roadrunner.com rr.com twc.com brighthouse.com earthlink.net mindspring.com
juno.com netzero.net netzero.com optonline.net optimum.net frontier.com frontiernet.net windstream.net centurylink.net
embarqmail.com q.com suddenlink.net aim.com netscape.net cs.com compuserve.com excite.com lycos.com
bell.net rogers.com shaw.ca sympatico.ca telus.net videotron.ca btinternet.com ntlworld.com sky.com
"""
DOMAINS = frozenset(_DOMAINS.split())


def is_freemail(domain: str) -> bool:
    """Whether addresses at this domain, in small letters, are mailboxes that anyone can open, or an ISP's customers."""
    labels = domain.split(".")
    endings = {".".join(labels[start:]) for start in range(len(labels))}
    return bool(endings & DOMAINS) or _FAMILY.fullmatch(domain) is not None
