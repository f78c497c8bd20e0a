# The image of one service: docker build --build-arg APP=watcher --tag penstock/watcher .
# What is built is the same for all of them, so the second one costs seconds. docs/images.md says the rest.
FROM node:24.21.0-bookworm-slim AS node

# Code is generated with programs of Python packages.
FROM python:3.13-slim-bookworm AS build
COPY --from=node /usr/local /usr/local
WORKDIR /penstock
COPY . .
# What package managers and turbo keep stays between builds, in no layer; nor does what only the build needs.
RUN --mount=type=cache,target=/kept \
    HOME=/kept TURBO_CACHE_DIR=/kept/turbo node tools/bootstrap.mjs deploy /deployed && rm -rf /penstock

# A name that is no app ends the build, and is told which there are.
FROM build AS app
ARG APP
RUN test -n "$APP" && test -f "/deployed/$APP/dist/main.js" || { echo "APP is '$APP', not one of:" $(ls /deployed) >&2; exit 1; }

# A C library, certificates and time zones; no shell, and nobody who could install one.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=node /usr/local/bin/node /usr/local/bin/node
ARG APP
COPY --from=app /deployed/${APP} /app
WORKDIR /app
USER 65532:65532
# A start makes much garbage, a life little: less room for it saves a third of the memory and costs no processor time
# that `pnpm bench:bus` sees. What stands in dist reads like its source, so there are no source maps, 5 MiB each.
ENTRYPOINT ["/usr/local/bin/node", "--max-semi-space-size=2", "--heap-growing-percent=25", "/app/dist/main.js"]
ARG VERSION=""
ARG REVISION=""
LABEL org.opencontainers.image.title="penstock-${APP}" \
      org.opencontainers.image.description="A service of Penstock, a control plane for the Gateway API" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="gcr.io/distroless/cc-debian12:nonroot"
