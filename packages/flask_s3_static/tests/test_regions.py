"""Regions, by the names that people give them."""

from flask_s3_static._regions import region_of


def test_locations() -> None:
    """The locations of Flask-S3's manual are today's regions; others are taken as they are."""
    names = ["", "DEFAULT", "EU", "USWest", "APSoutheast", "eu-north-1"]
    wanted = ["", "", "eu-west-1", "us-west-1", "ap-southeast-1", "eu-north-1"]
    assert [region_of(name) for name in names] == wanted
