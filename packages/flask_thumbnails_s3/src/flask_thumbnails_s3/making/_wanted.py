"""A thumbnail that somebody wants, as a value."""

from hashlib import blake2b
from typing import NamedTuple

from ..memory._outcomes import Failure
from ..naming._names import output_format
from ..naming._options import Size, Spec
from ..pictures._pictures import resize_of


class Wanted(NamedTuple):
    """A thumbnail that somebody wants.

    :param image: the name of the original.
    :param bucket_name: the original's, ``''`` on disk.
    :param name: the thumbnail's.
    :param key: under which the cache knows it.
    :param to_make: whether it is ever made: not of an SVG, nor if it is refused.
    :param refusal: why there can be no such thumbnail, whatever is stored.
    :param image_size: width and height of the original in pixels, if its row says so.
    """

    image: str
    bucket_name: str
    spec: Spec
    name: str
    key: str
    to_make: bool = True
    refusal: Failure | None = None
    image_size: Size | None = None

    @property
    def format(self) -> str:
        return output_format(self.image, self.spec)

    @property
    def known_size(self) -> Size | None:
        """The thumbnail's width and height in pixels, if they are known without a look at the
        original.
        """
        if self.image_size and not self.spec.exact_size:
            return resize_of(self.spec).size_of(*self.image_size)
        return self.spec.exact_size

    @property
    def box(self) -> Size:
        """What a placeholder takes: that size, or the box that the thumbnail fits in."""
        return self.known_size or self.spec.box

    @property
    def preview_key(self) -> str:
        """Under which the cache knows the small picture of the original."""
        return preview_key(self.key.rpartition(".")[0], self.bucket_name, self.image)

    def __hash__(self) -> int:
        return hash(self.key)


def preview_key(site: str, bucket_name: str, image: str) -> str:
    """Return the key of an original's small picture.

    :param site: what the keys of its thumbnails begin with.
    """
    text = f"{bucket_name}/{image}".encode(errors="surrogatepass")
    return f"{site}.preview.{blake2b(text, digest_size=16).hexdigest()}"
