"""Numbers of some bits, as the headers of video streams have them."""

from ._refusals import broken


class Bits:
    """Reads numbers one after the other, the most significant bit first.

    :param what: the kind of header, for the log.
    """

    def __init__(self, data: bytes, what: str) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)
        self._what = what

    def read(self, count: int) -> int:
        """Return a number of so many bits."""
        self._left -= count
        if self._left < 0:
            raise broken(f"{self._what} that ends early")
        return self._value >> self._left & ((1 << count) - 1)

    def read_coded(self) -> int:
        """Return a number of as many bits as there are zeros before it, and one more, less 1:
        uvlc() of AV1, ue(v) of HEVC (Exp-Golomb).
        """
        zeros = 0
        while not self.read(1):
            zeros += 1
        return (1 << zeros | self.read(zeros)) - 1 if zeros < 32 else (1 << 32) - 1
