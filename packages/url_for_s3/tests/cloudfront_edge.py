"""What CloudFront does with a request, by its manual, to verify signatures independently.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PrivateContent.html
"""

import json
import re
from base64 import b64decode
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from urllib.parse import parse_qsl

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
NAMES = ("Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm")


class RefusedError(Exception):
    """The edge answers 403."""


class Edge:
    """A distribution that requires signatures.

    :param keys: those of its key group, by their ids.
    """

    def __init__(self, keys: Mapping[str, PublicKey]) -> None:
        self._keys = keys

    def check(
        self,
        url: str,
        cookies: Mapping[str, str] | None = None,
        *,
        now: float,
        ip: str = "192.0.2.7",
    ) -> str:
        """Return the URL that the origin is asked for.

        :param url: as a browser sends it.
        :raises RefusedError: neither the URL nor the cookies allow it.
        """
        base, signed = _split(url)
        if "Signature" not in signed:
            prefix = "CloudFront-"
            found = cookies or {}
            signed = {n.removeprefix(prefix): v for n, v in found.items() if n.startswith(prefix)}
        if not {"Signature", "Key-Pair-Id"} <= set(signed):
            raise RefusedError("not signed")
        if "Policy" in signed:
            policy = _decode(signed["Policy"])
        else:
            end = f'{{"DateLessThan":{{"AWS:EpochTime":{signed["Expires"]}}}}}'
            policy = f'{{"Statement":[{{"Resource":"{base}","Condition":{end}}}]}}'.encode()
        self._verify(signed, policy)
        [statement] = json.loads(policy)["Statement"]
        condition = statement["Condition"]
        if not _matches(statement["Resource"], base):
            raise RefusedError("another resource")
        if now >= condition["DateLessThan"]["AWS:EpochTime"]:
            raise RefusedError("too late")
        if "DateGreaterThan" in condition and now <= condition["DateGreaterThan"]["AWS:EpochTime"]:
            raise RefusedError("too early")
        network = condition.get("IpAddress", {}).get("AWS:SourceIp", "0.0.0.0/0")
        if ip_address(ip) not in ip_network(network):
            raise RefusedError("another address")
        return base

    def _verify(self, signed: Mapping[str, str], policy: bytes) -> None:
        key = self._keys.get(signed["Key-Pair-Id"])
        algorithm = {"SHA1": SHA1(), "SHA256": SHA256()}[signed.get("Hash-Algorithm", "SHA1")]
        signature = _decode(signed["Signature"])
        try:
            if isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, policy, padding.PKCS1v15(), algorithm)
            elif isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(signature, policy, ec.ECDSA(algorithm))
            else:
                raise RefusedError("no such key")
        except InvalidSignature as error:
            raise RefusedError("another signature") from error


def _split(url: str) -> tuple[str, dict[str, str]]:
    """A URL without what CloudFront takes out of its query, and that."""
    base, _, query = url.partition("?")
    own = [pair for pair in query.split("&") if pair and pair.partition("=")[0] not in NAMES]
    signed = {name: value for name, value in parse_qsl(query) if name in NAMES}
    return f"{base}?{'&'.join(own)}" if own else base, signed


def _decode(text: str) -> bytes:
    return b64decode(text.replace("-", "+").replace("_", "=").replace("~", "/"), validate=True)


def _matches(resource: str, url: str) -> bool:
    parts = [{"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in resource]
    return re.fullmatch("".join(parts), url) is not None
