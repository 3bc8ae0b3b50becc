# The example app with all packages of this tree; compose.yaml runs it.
FROM python:3.13-slim

WORKDIR /app
COPY packages packages
COPY example_app example_app
# The app is never installed: its pyproject.toml lists what it needs.
RUN python -c "import tomllib; project = tomllib.load(open('example_app/pyproject.toml', 'rb'))['project']; print(*project['dependencies'], *project['optional-dependencies']['psycopg'], sep='\n')" > requirements.txt \
 && pip install --no-cache-dir ./packages/* --requirement requirements.txt gunicorn \
 && rm -r packages requirements.txt

RUN useradd --create-home app && install --directory --owner app /data
USER app
ENV DATA_FOLDER=/data
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", "example_app:create_app()"]
