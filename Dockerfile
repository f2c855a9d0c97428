# One image for every Python process; docker-compose.yml says which command each container runs.
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements.txt /tmp/
RUN /opt/venv/bin/pip install --require-hashes -r /tmp/requirements.txt

FROM python:3.13-slim
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/data
# The account has no rights over the code, only over its data.
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin whaticket \
    && install -d -o whaticket -g whaticket /data
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY . .
# Collecting files needs settings but no servers and no secrets of the installation.
RUN VAR_DIR=/tmp/build DATABASE_URL=postgresql:///none REDIS_URL=redis://none \
    python manage.py collectstatic --noinput --verbosity 0 && rm -rf /tmp/build
USER whaticket
VOLUME /data
EXPOSE 8000
CMD ["daphne", "-b", "0.0.0.0", "-p", "8000", "whaticket.asgi:application"]
