"""Every name that untrusted_files makes of a client's can be stored by s3_saver."""

from hypothesis import example, given
from hypothesis import strategies as st

from s3_saver import check_name
from untrusted_files import clean_filename


@given(st.text(max_size=300))
@example(".s3-saver-x")
@example("\ufffe\uffff\x7f\x85.txt")
@example("..")
@example("a" * 2000)
@example("日" * 400 + ".txt")
def test_a_clean_name_is_safe_to_store(sent: str) -> None:
    """On its own, and in a folder."""
    name = clean_filename(sent)
    assert check_name(name) == name
    assert check_name(f"photos/{name}") == f"photos/{name}"
