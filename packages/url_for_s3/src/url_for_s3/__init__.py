"""The URL of an S3 object: public, presigned, or through a CDN."""

from ._cloudfront import sign_url_for_cloudfront
from ._credentials import S3Credentials
from ._presign import PresignedPost, presign_post_for_s3, presign_url_for_s3
from ._url import url_for_s3

__all__ = [
    "PresignedPost",
    "S3Credentials",
    "presign_post_for_s3",
    "presign_url_for_s3",
    "sign_url_for_cloudfront",
    "url_for_s3",
]
