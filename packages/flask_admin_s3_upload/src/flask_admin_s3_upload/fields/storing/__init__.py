"""How uploads become files of a row, and which transaction decides over them."""
