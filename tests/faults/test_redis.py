"""Redis goes, with the cache and the queue, and comes back."""

from pathlib import Path

from deployed.app import Worker, machine, new_bucket, on_s3
from deployed.site import site
from deployed.visitor import is_added, is_deleted
from servers.processes import wait_for
from servers.redis import Redis

from s3_saver.testing import S3Server


def test_gone_and_back(s3_server: S3Server, tmp_path: Path) -> None:
    """While Redis is gone, pictures can be added and deleted, and pages come at once, with
    placeholders; when it is back, empty, all thumbnails appear.
    """
    with new_bucket(s3_server) as bucket, Redis() as redis:
        settings = {"REDIS_URL": redis.url, "THUMBNAIL_MODE": "queue", "THUMBNAIL_LEASE": "5"}
        environment = machine(tmp_path, **on_s3(bucket, s3_server), **settings)
        with site(environment, bucket) as app, Worker(environment, processes=1):

            def all_ready() -> bool:
                page = app.visitor.see("/gallery")
                assert page.status == 200
                return all(picture.is_ready for picture in page.pictures)

            assert is_added(app.add())
            wait_for(all_ready, seconds=120)
            redis.stop()
            assert is_added(app.add())
            assert is_deleted(app.delete())
            assert is_added(app.add())
            assert len(app.visitor.see("/gallery").pictures) == 2
            assert not all_ready()
            redis.start()
            wait_for(all_ready, seconds=120)
            app.check()
            app.check_no_strangers()
