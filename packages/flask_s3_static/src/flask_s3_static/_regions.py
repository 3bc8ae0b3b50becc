"""The names of S3's regions, today's and those of Flask-S3's manual."""

# The names that boto 2 had for S3's locations, which Flask-S3's manual gives.
_LOCATIONS = {
    "DEFAULT": "",
    "EU": "eu-west-1",
    "EUCentral1": "eu-central-1",
    "USWest": "us-west-1",
    "USWest2": "us-west-2",
    "APNortheast": "ap-northeast-1",
    "APSoutheast": "ap-southeast-1",
    "APSoutheast2": "ap-southeast-2",
    "SAEast": "sa-east-1",
    "CNNorth1": "cn-north-1",
}


def region_of(name: str) -> str:
    """Return the region of a name, be it one of Amazon's names today or one of boto 2's."""
    return _LOCATIONS.get(name, name)
