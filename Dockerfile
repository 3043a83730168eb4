# Longhaul in one image with three commands: api, worker, sandbox.
#   docker build -t longhaul .
#   docker run --init --rm longhaul worker
# docker-compose.yml runs it with its stores; docs/operations.md explains both.

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json nest-cli.json .swcrc ./
COPY apps apps
COPY libs libs
COPY scripts scripts
RUN npm run build

FROM node:20.20.2-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without the optional ones: the embedded PostgreSQL is for laptops, here there is a server.
RUN npm ci --ignore-scripts --omit=dev --omit=optional --no-audit --no-fund

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production \
    PORT=3000 \
    WORKER_PORT=3001 \
    LONGHAUL_DATA_DIR=/data
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY config config
COPY scripts/container.mjs scripts/container.mjs
COPY scripts/system/paths.mjs scripts/system/paths.mjs
# A volume takes over this owner. The spool is there; nothing else is written.
RUN install -d -o node -g node -m 0700 /data
VOLUME /data
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "scripts/container.mjs", "health"]
ENTRYPOINT ["node", "--enable-source-maps", "scripts/container.mjs"]
CMD ["api"]
