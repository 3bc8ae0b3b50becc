"""What the app's shared settings mean here."""

#: The keys that the original had, which go over the shared ones.
ALIASES = {
    "S3_ACCESS_KEY_ID": ["AWS_ACCESS_KEY_ID"],
    "S3_ACCESS_KEY_SECRET": ["AWS_SECRET_ACCESS_KEY"],
}

_PUBLIC = "static files are public, and in one bucket"
_HEADERS = "use FLASKS3_HEADERS"

#: Shared settings that are about files of users alone, and why a key of our own is refused.
WITHOUT_MEANING = {
    "S3_PRIVATE": _PUBLIC,
    "S3_ALLOWED_BUCKETS": _PUBLIC,
    "S3_CLOUDFRONT_KEY_ID": _PUBLIC,
    "S3_CLOUDFRONT_PRIVATE_KEY": _PUBLIC,
    "S3_STORAGE_CLASS": _HEADERS,
    "S3_SERVER_SIDE_ENCRYPTION": _HEADERS,
    "S3_KMS_KEY_ID": _HEADERS,
    "S3_TAGS": _HEADERS,
}

#: Arguments of S3Bucket, and the settings that give them.
SETTINGS = {
    "bucket_name": "S3_BUCKET_NAME",
    "bucket_domain": "FLASKS3_BUCKET_DOMAIN",
    "cdn_domain": "S3_CDN_DOMAIN",
    "endpoint_url": "S3_ENDPOINT_URL",
    "public_endpoint_url": "S3_PUBLIC_ENDPOINT_URL",
    "region": "S3_REGION",
    "url_style": "S3_URL_STYLE",
}
