"""Two web servers and two workers on Redis, PostgreSQL and Ceph: together they are one app."""

from deployed.load import Load
from deployed.record import check, check_no_strangers
from deployed.visitor import Picture, Visitor, is_added, photo
from servers.processes import wait_for

from .conftest import Cluster

VISITORS = 8


def more(load: Load, count: int) -> None:
    """Wait until so many more pictures have been added."""
    enough = len(load.record.added) + count
    wait_for(lambda: len(load.record.added) >= enough, seconds=240)


def everything_is_there(cluster: Cluster, load: Load) -> None:
    stock = cluster.look()
    check(load.record, stock)
    check_no_strangers(stock, cluster.environments[0])
    # What a killed worker had is asked for again by the next page after the lease.
    wait_for(lambda: all(picture.is_ready for picture in cluster.pictures()), seconds=240)


def test_story(cluster: Cluster) -> None:
    """What is uploaded to one app gets its thumbnail from a worker, and the other app shows it;
    no machine has any of it on its own disk.
    """
    here, there = (Visitor(url) for url in cluster.urls)
    assert is_added(here.add("cat.jpg", photo("cat")))

    def shown() -> Picture:
        (picture,) = there.see("/gallery").pictures
        return picture

    wait_for(lambda: shown().is_ready)
    assert there.fetch(shown().original).content == photo("cat")
    thumbnail = there.fetch(shown().thumbnail)
    assert (thumbnail.status_code, thumbnail.headers["Content-Type"]) == (200, "image/jpeg")
    for name in ("uploads", "thumbnails"):
        assert not any(any((folder / name).rglob("*")) for folder in cluster.folders)


def test_killed_under_load(cluster: Cluster) -> None:
    """An app and a worker are killed while visitors come, and started again: no upload that was
    acknowledged is lost, no page is an error, and thumbnails that were under way appear.
    """
    load = Load(mercy=True)
    with load.of(VISITORS, *cluster.urls):
        more(load, 20)
        cluster.webs[1].kill()
        cluster.workers[0].kill()
        more(load, 20)
        cluster.webs[1].start()
        cluster.workers[0].start()
        more(load, 20)
    assert load.left_out, "nobody noticed"
    assert not load.errors

    after = Load(record=load.record)
    with after.of(VISITORS, *cluster.urls):
        more(after, 20)
    assert not after.errors
    everything_is_there(cluster, after)


def test_power_cut(cluster: Cluster) -> None:
    """All is killed at once, the database and Redis with its queue too, and started again: what
    was acknowledged is there, and thumbnails that nobody remembers appear.
    """
    load = Load(mercy=True)
    programs = [*cluster.webs, *cluster.workers, cluster.database, cluster.cache]
    with load.of(VISITORS, *cluster.urls):
        more(load, 20)
        for program in programs:
            program.kill()
        for program in reversed(programs):
            program.start()
        more(load, 20)
    assert load.hung_up, "nobody noticed"

    after = Load(record=load.record)
    with after.of(VISITORS, *cluster.urls):
        more(after, 20)
    assert not after.errors
    everything_is_there(cluster, after)
