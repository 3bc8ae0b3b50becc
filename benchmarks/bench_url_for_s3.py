"""url_for_s3 compared with flask.url_for and boto3."""

from datetime import UTC, datetime, timedelta
from itertools import count

import boto3
from _table import Table, best_of, duration, import_time
from botocore.config import Config
from botocore.signers import CloudFrontSigner as BotocoreSigner
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1
from flask import Flask, url_for

from url_for_s3 import CloudFrontSigner, S3Credentials, presign_url_for_s3, url_for_s3

table = Table("flask", "boto3", "cryptography")

app = Flask(__name__)
with app.test_request_context():
    ours, peer = best_of(
        lambda: url_for_s3("static", "my-bucket", filename="pics/logo.png", region="eu-north-1"),
        lambda: url_for("static", filename="pics/logo.png"),
        rounds=15,
        calls=10_000,
    )
table.ratio("unsigned URL", ours, peer, "flask.url_for", most=0.5)

credentials = S3Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
client = boto3.client(
    "s3",
    region_name="eu-north-1",
    aws_access_key_id=credentials.access_key_id,
    aws_secret_access_key=credentials.access_key_secret,
    config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}),
)
ours, peer = best_of(
    lambda: presign_url_for_s3(
        "static",
        "my-bucket",
        filename="pics/logo.png",
        region="eu-north-1",
        credentials=credentials,
    ),
    lambda: client.generate_presigned_url(
        "get_object", Params={"Bucket": "my-bucket", "Key": "static/pics/logo.png"}
    ),
    rounds=15,
    calls=500,
)
table.ratio("presigned GET", ours, peer, "generate_presigned_url", most=0.1)

# A signer of botocore's is a function of the app's own, here with a key that is loaded once.
rsa_key = rsa.generate_private_key(65537, 2048)
botocore = BotocoreSigner("K", lambda message: rsa_key.sign(message, padding.PKCS1v15(), SHA1()))
by_rsa = CloudFrontSigner("K", rsa_key)
by_ecdsa = CloudFrontSigner("K", ec.generate_private_key(ec.SECP256R1()))
ends_at = datetime.now(UTC) + timedelta(hours=1)
numbers = count()
url = "https://cdn.example.com/static/pics/logo.png"
new, ecdsa, again, peer = best_of(
    lambda: by_rsa.sign(f"{url}?v={next(numbers)}"),
    lambda: by_ecdsa.sign(f"{url}?v={next(numbers)}"),
    lambda: by_rsa.sign(url),
    lambda: botocore.generate_presigned_url(url, date_less_than=ends_at),
    rounds=15,
    calls=500,
)
peer_name = f"CloudFrontSigner ({1 / peer:,.0f} per second)"
for name, ours, most in [
    (f"CloudFront URL, RSA ({1 / new:,.0f} per second)", new, 1.1),
    (f"... the same again within the hour ({1 / again:,.0f} per second)", again, 0.1),
    (f"... ECDSA ({1 / ecdsa:,.0f} per second)", ecdsa, 0.3),
]:
    table.ratio(name, ours, peer, peer_name, most=most)

took = import_time("url_for_s3")
table.row("`import url_for_s3`", duration(took), "bare Python", "", "≤ 25 ms", holds=took <= 0.025)
