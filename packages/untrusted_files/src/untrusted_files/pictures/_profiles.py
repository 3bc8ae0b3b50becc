"""ICC profiles made of what a file says about its colors in other words: code points (ITU-T H.273),
as PNG, AVIF and HEIF have them, or PNG's gamma and chromaticities.

A profile has the primaries, adapted to the white of ICC (ICC.1:2022, annex E), and a curve.
"""

import struct
from collections.abc import Callable
from functools import lru_cache

_POINTS = 4_096  # of a curve
_WHITE = (0.9642, 1.0, 0.8249)  # D50, of all profiles
# Bradford's cone response (ICC.1:2022, annex E.3).
_CONES = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
_D65 = (0.3127, 0.3290)
_SRGB_GAMMA = range(44_500, 46_501)  # what programs write for sRGB, too

_Row = tuple[float, float, float]
_Matrix = tuple[_Row, _Row, _Row]
#: x and y of white, red, green and blue.
Primaries = tuple[float, float, float, float, float, float, float, float]

SRGB: Primaries = (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_PRIMARIES: dict[int, Primaries] = {  # H.273, table 2
    1: SRGB,
    2: SRGB,  # not specified
    4: (0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    9: (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (*_D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}


def _srgb(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _pq(value: float) -> float:
    """SMPTE ST 2084; white is at 203 of its 10,000 cd/m² (ITU-R BT.2408)."""
    power = value ** (1 / 78.84375)
    linear = max(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)
    return min(float(linear ** (1 / 0.1593017578125)) * 10_000 / 203, 1.0)


def _hlg(value: float) -> float:
    """ITU-R BT.2100; white is at three quarters of the signal (BT.2408)."""
    return min(_hlg_scene(value) / _hlg_scene(0.75), 1.0)


def _hlg_scene(value: float) -> float:
    if value <= 0.5:
        return value * value / 3
    return float((2.718281828459045 ** ((value - 0.55991073) / 0.17883277) + 0.28466892) / 12)


def _power(exponent: float) -> Callable[[float], float]:
    return lambda value: float(value**exponent)


_CURVES: dict[int, Callable[[float], float]] = {  # H.273, table 3
    **dict.fromkeys((1, 2, 6, 13, 14, 15), _srgb),  # browsers show films' curve as that of sRGB
    4: _power(2.2),
    5: _power(2.8),
    8: _power(1),
    16: _pq,
    18: _hlg,
}


@lru_cache(maxsize=32)
def profile_of_code_points(primaries: int, transfer: int, *, gray: bool = False) -> bytes | None:
    """Return a profile for code points of H.273; ``None`` for some that are not known here."""
    if primaries not in _PRIMARIES or transfer not in _CURVES:
        return None
    return _profile(_PRIMARIES[primaries], _CURVES[transfer], gray=gray)


@lru_cache(maxsize=32)
def profile_of_gamma(gamma: int, primaries: Primaries, *, gray: bool = False) -> bytes | None:
    """Return a profile for a PNG's gamma, times 100,000, and chromaticities; ``None`` if no colors
    are meant by them.
    """
    if gamma < 1:
        return None
    return _profile(primaries, _srgb if gamma in _SRGB_GAMMA else _power(1e5 / gamma), gray=gray)


def _profile(primaries: Primaries, curve: Callable[[float], float], *, gray: bool) -> bytes | None:
    values = (round(curve(point / (_POINTS - 1)) * 65_535) for point in range(_POINTS))
    table = b"curv" + bytes(4) + struct.pack(f">I{_POINTS}H", _POINTS, *values)
    if gray:
        return _written(b"GRAY", {b"wtpt": _xyz(_WHITE), b"kTRC": table})
    try:
        red, green, blue = zip(*_adapted(primaries), strict=True)
        colors = {b"rXYZ": _xyz(red), b"gXYZ": _xyz(green), b"bXYZ": _xyz(blue)}
    except (ZeroDivisionError, struct.error):  # no primaries of any light
        return None
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), table)
    return _written(b"RGB ", {b"wtpt": _xyz(_WHITE), **colors, **curves})


def _written(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Write a profile of version 2 (ICC.1:2001-04, section 6)."""
    start = 132 + 12 * len(tags)
    places = dict.fromkeys(tags.values(), 0)  # tags of the same data share it
    body = b""
    for data in places:
        places[data] = start + len(body)
        body += data
    entries = b"".join(struct.pack(">4sII", tag, places[d], len(d)) for tag, d in tags.items())
    head = struct.pack(
        ">I4sI4s4s4s", start + len(body), bytes(4), 0x02400000, b"mntr", space, b"XYZ "
    )
    head += bytes(12) + b"acsp" + bytes(28) + _xyz(_WHITE)[8:]
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + entries + body


def _xyz(values: _Row) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65_536) for value in values))


def _adapted(primaries: Primaries) -> _Matrix:
    """Return what turns red, green and blue into XYZ, for the white of ICC."""
    white, *corners = (
        (x / y, 1.0, (1 - x - y) / y) for x, y in zip(primaries[::2], primaries[1::2], strict=True)
    )
    columns = _transposed((corners[0], corners[1], corners[2]))
    amounts = _applied(_inverse(columns), white)
    matrix = _transposed(
        tuple(_scaled(corner, by) for corner, by in zip(corners, amounts, strict=True))  # type: ignore[arg-type]
    )
    before, after = _applied(_CONES, white), _applied(_CONES, _WHITE)
    gains = tuple(b / a for a, b in zip(before, after, strict=True))
    scaled = tuple(_scaled(row, by) for row, by in zip(_CONES, gains, strict=True))
    return _product(_product(_inverse(_CONES), scaled), matrix)  # type: ignore[arg-type]


def _scaled(row: _Row, by: float) -> _Row:
    return row[0] * by, row[1] * by, row[2] * by


def _applied(matrix: _Matrix, vector: _Row) -> _Row:
    a, b, c = (sum(x * y for x, y in zip(row, vector, strict=True)) for row in matrix)
    return a, b, c


def _transposed(matrix: _Matrix) -> _Matrix:
    a, b, c = zip(*matrix, strict=True)
    return a, b, c


def _product(left: _Matrix, right: _Matrix) -> _Matrix:
    a, b, c = (_applied(left, column) for column in _transposed(right))
    return _transposed((a, b, c))


def _inverse(matrix: _Matrix) -> _Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    cofactors = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    by = 1 / (a * cofactors[0][0] + b * cofactors[1][0] + c * cofactors[2][0])
    return _scaled(cofactors[0], by), _scaled(cofactors[1], by), _scaled(cofactors[2], by)
