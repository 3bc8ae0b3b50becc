"""What s3_saver saves, url_for_s3 finds."""

from io import BytesIO
from urllib.request import urlopen

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from s3_saver import S3Storage
from s3_saver.testing import S3Server
from url_for_s3 import S3Credentials, presign_url_for_s3

# Every character that S3 can list, those with a meaning in URLs and forms more often.
_characters = st.one_of(
    st.sampled_from("+#%?&=;:@()[]{} ~'\"<>|^`.,"),
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="/\\\ufffe\uffff"),
)
_segments = st.text(_characters, min_size=1, max_size=40).filter(lambda s: s not in {".", ".."})
_names = st.lists(_segments, min_size=1, max_size=5).map("/".join)


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(name=_names, content=st.binary(max_size=100))
@example(name="a+b c%2Fd/ü/日本?#&=.txt", content=b"")
@example(name="/".join(["é" * 102] * 5), content=b"a name of 1,024 bytes, the most there can be")
def test_any_name_comes_back(
    storage: S3Storage, s3_server: S3Server, name: str, content: bytes
) -> None:
    """Bytes saved under any legal name come back through the presigned URL of that name."""
    storage.save(name, BytesIO(content))
    url = presign_url_for_s3(
        "",
        storage.bucket_name,
        filename=name,
        credentials=S3Credentials(s3_server.access_key_id, s3_server.access_key_secret),
        expires=60,
        endpoint_url=s3_server.endpoint_url,
        region="us-east-1",
    )
    with urlopen(url) as response:
        assert response.read() == content
