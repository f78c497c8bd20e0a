# One image for all services of the local stack; docker-compose.yml says which one a container runs.
FROM node:24-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends python3-pip && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY . .
RUN node tools/bootstrap.mjs build

FROM node:24-bookworm-slim
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/packages ./packages
COPY --from=build /app/apps ./apps
ENV NODE_OPTIONS=--enable-source-maps
ENTRYPOINT ["node"]
