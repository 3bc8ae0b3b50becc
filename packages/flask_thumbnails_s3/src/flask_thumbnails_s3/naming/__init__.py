"""What templates ask for, checked, and the names of thumbnails: nothing is read or stored here."""
