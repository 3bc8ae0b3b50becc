"""url_for_s3 beside flask.url_for and boto3."""

import boto3
from _table import Table, best_of, duration, import_time
from botocore.config import Config
from flask import Flask, url_for

from url_for_s3 import S3Credentials, presign_url_for_s3, url_for_s3

table = Table("flask", "boto3")

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

took = import_time("url_for_s3")
table.row("`import url_for_s3`", duration(took), "bare Python", "", "≤ 25 ms", holds=took <= 0.025)
