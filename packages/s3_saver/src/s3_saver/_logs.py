"""The package's log. What it needs of the standard library is loaded by the first failure."""


def log_error(message: str, *values: object) -> None:
    """Log a failure in one line."""
    import logging

    logging.getLogger("s3_saver").error(message, *values)


def log_exception(message: str, *values: object) -> None:
    """Log a failure that is being handled, with its traceback."""
    import logging

    logging.getLogger("s3_saver").exception(message, *values)
