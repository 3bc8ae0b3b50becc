"""How objects are kept, by the settings: as headers, and as arguments of the SDK."""

from typing import Any

from s3_saver.settings import S3Settings
from url_for_s3 import object_headers


def headers_of(s3: S3Settings) -> dict[str, str]:
    """Return the headers of objects that the settings ask for. Pending ones have them too, as a
    bucket may demand them of every object.
    """
    return object_headers(
        cache_control=s3.cache_control or None,
        storage_class=s3.storage_class or None,
        server_side_encryption=s3.server_side_encryption or ("aws:kms" if s3.kms_key_id else None),
        kms_key_id=s3.kms_key_id or None,
        tags=s3.tags or None,
    )


# By header, the argument of S3's CreateMultipartUpload.
_ARGUMENTS = {
    "cache-control": "CacheControl",
    "x-amz-storage-class": "StorageClass",
    "x-amz-server-side-encryption": "ServerSideEncryption",
    "x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
    "x-amz-tagging": "Tagging",
}


def arguments_of(headers: dict[str, str]) -> dict[str, Any]:
    """Return these headers as arguments of the SDK."""
    return {_ARGUMENTS[name.lower()]: value for name, value in headers.items()}
