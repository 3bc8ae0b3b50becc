"""Sending files to S3 after the response: the spool, the queues, and Celery's."""
