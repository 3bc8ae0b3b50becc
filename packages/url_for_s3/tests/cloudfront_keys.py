"""Keys of the kinds that CloudFront takes."""

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())


def to_pem(
    key: PrivateKey,
    encryption: KeySerializationEncryption | None = None,
    *,
    kind: PrivateFormat = PrivateFormat.PKCS8,
) -> bytes:
    return key.private_bytes(Encoding.PEM, kind, encryption or NoEncryption())
