"""What an app states once, s3_saver reads and url_for_s3 takes, and neither knows the other."""

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from s3_saver.settings import S3Settings, SettingsReader
from url_for_s3 import CloudFrontSigner, S3Bucket


def read(**config: object) -> S3Settings:
    return S3Settings.read(SettingsReader(config, own=""))


def test_bucket_of_settings() -> None:
    """The settings that s3_saver reads make a bucket, with the CDN in front of it and no other."""
    settings = read(
        S3_BUCKET_NAME="my-bucket",
        S3_REGION="eu-north-1",
        S3_ENDPOINT_URL="http://minio:9000",
        S3_PUBLIC_ENDPOINT_URL="https://s3.example.com",
        S3_URL_STYLE="path",
        S3_CDN_DOMAIN="cdn.example.com",
        S3_ALLOWED_BUCKETS=["older"],
    )
    bucket = S3Bucket.from_settings(settings)
    assert bucket == S3Bucket(
        "my-bucket",
        region="eu-north-1",
        endpoint_url="http://minio:9000",
        public_endpoint_url="https://s3.example.com",
        url_style="path",
        cdn_domain="cdn.example.com",
    )
    older = S3Bucket.from_settings(settings, bucket_name="older")
    assert older.url("a.txt") == "https://s3.example.com/older/a.txt"


def test_signer_of_settings() -> None:
    """The settings that s3_saver reads make what signs for the CDN; without a key, nothing."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    cdn = {"S3_BUCKET_NAME": "my-bucket", "S3_CDN_DOMAIN": "cdn.example.com"}
    keys = {"S3_CLOUDFRONT_KEY_ID": "K1", "S3_CLOUDFRONT_PRIVATE_KEY": pem}
    signer = CloudFrontSigner.from_settings(read(**cdn, **keys))
    assert signer is not None
    assert "&Key-Pair-Id=K1&" in signer.sign("https://cdn.example.com/a.txt")
    assert CloudFrontSigner.from_settings(read(**cdn)) is None
