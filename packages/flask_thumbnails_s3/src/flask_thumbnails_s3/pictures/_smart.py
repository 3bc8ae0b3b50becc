"""Where a crop had better be: where a picture has most edges."""

from PIL import Image, ImageFilter

from ..naming._options import Size

#: Pixels of the longer side of what is looked at: enough to see a face, little enough to be quick.
LOOKED_AT = 128

_SMALLEST = 3  # pixels a side; the filter sees nothing in less
_FAINT = 24  # of 255: less is noise, or the grain of a photograph
_TOWARDS_MIDDLE = 0.15  # what the middle is worth more than the ends, other things being equal


def find_focus(image: Image.Image, shape: Size) -> tuple[float, float]:
    """Return where the middle of a crop should be, as fractions of width and height.

    A crop is the largest part of a picture that has its shape, so it moves along one side alone.
    The place that is chosen along it has most edges, or is the middle where none is better.

    :param image: the picture, small: see :data:`LOOKED_AT`.
    :param shape: width and height of what is to be made.
    """
    width, height = image.size
    part_width = min(width, height * shape[0] / shape[1])
    part_height = min(height, width * shape[1] / shape[0])
    if min(width, height) < _SMALLEST:
        return 0.5, 0.5
    edges = _edges(image)
    if part_width < width:
        return _best_middle(_sums(edges), round(part_width)) / width, 0.5
    turned = edges.transpose(Image.Transpose.TRANSPOSE)
    return 0.5, _best_middle(_sums(turned), round(part_height)) / height


def _edges(image: Image.Image) -> Image.Image:
    # Blurred first, so that fine texture such as grass does not outweigh what stands out of it.
    soft = image.convert("L").filter(ImageFilter.GaussianBlur(1))
    edges = soft.filter(ImageFilter.FIND_EDGES).point([0] * _FAINT + list(range(256 - _FAINT)))
    # The filter leaves the outermost pixels as they are, which are no edges.
    inside = edges.crop((1, 1, edges.width - 1, edges.height - 1))
    framed = Image.new("L", edges.size)
    framed.paste(inside, (1, 1))
    return framed


def _sums(edges: Image.Image) -> list[int]:
    """Return what each column has of edges."""
    data, width = edges.tobytes(), edges.width
    return [sum(data[column::width]) for column in range(width)]


def _best_middle(profile: list[int], length: int) -> float:
    """Return the middle of the part of *length* that is worth most."""
    length = max(1, min(length, len(profile)))
    last = len(profile) - length
    if not last:
        return len(profile) / 2
    worth = sum(profile[:length])
    best, found = -1.0, 0
    for start in range(last + 1):
        if start:
            worth += profile[start + length - 1] - profile[start - 1]
        away = abs(2 * start / last - 1)
        score = (worth + 1) * (1 - _TOWARDS_MIDDLE * away)
        if score > best:
            best, found = score, start
    return found + length / 2
