"""The URL of an S3 object: public, presigned, or through a CDN."""

from ._bucket import S3Bucket
from ._cloudfront import CloudFrontSigner
from ._cloudfront_cookies import CloudFrontCookies
from ._credentials import S3Credentials
from ._functions import presign_post_for_s3, presign_url_for_s3, url_for_s3
from ._headers import PUT_CHANGING_HEADERS
from ._object_headers import object_headers
from ._post import PresignedPost
from .exceptions import ArgumentError, ArgumentTypeError, MissingPackageError

__all__ = [
    "PUT_CHANGING_HEADERS",
    "ArgumentError",
    "ArgumentTypeError",
    "CloudFrontCookies",
    "CloudFrontSigner",
    "MissingPackageError",
    "PresignedPost",
    "S3Bucket",
    "S3Credentials",
    "object_headers",
    "presign_post_for_s3",
    "presign_url_for_s3",
    "url_for_s3",
]
