# One image, two commands: the interface (`candor api`, the default) and workers (`candor worker`).
FROM python:3.11.13-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

RUN useradd --uid 10001 --no-create-home candor && install --directory --owner=candor --group=candor /data

WORKDIR /app
COPY requirements/run.txt requirements/run.txt
RUN python -m pip install --require-hashes -r requirements/run.txt
COPY LICENSE README.md pyproject.toml ./
COPY candor candor
COPY service service
COPY docs docs
COPY worker worker
RUN python -m pip install --no-deps --no-build-isolation .

USER candor
WORKDIR /data
ENV CANDOR_HOST=0.0.0.0 CANDOR_PORT=8421 CANDOR_DATA_DIR=/data
EXPOSE 8421
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f'http://127.0.0.1:{os.environ[\"CANDOR_PORT\"]}/livez', timeout=3)"]
CMD ["candor", "api"]
