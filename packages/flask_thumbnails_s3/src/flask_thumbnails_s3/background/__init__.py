"""The queues of THUMBNAIL_MODE = 'queue': threads, and Celery's."""
