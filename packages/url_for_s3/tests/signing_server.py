"""An S3 server, as the functions of this package and a client next to them reach it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from s3_saver.testing import S3Server
from url_for_s3 import S3Credentials

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class SigningServer:
    s3: S3Server
    bucket_name: str

    @property
    def endpoint_url(self) -> str:
        return self.s3.endpoint_url

    @property
    def credentials(self) -> S3Credentials:
        return S3Credentials(self.s3.access_key_id, self.s3.access_key_secret)

    @property
    def client(self) -> "S3Client":
        return self.s3.client
