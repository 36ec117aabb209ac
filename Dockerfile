# Carillon's images. `docker build .` makes the one that runs the API and the workers; `--target migrate` makes the one
# that brings the database up to date. Debian, not Alpine: Temporal's native bridge is built for glibc only.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS base
WORKDIR /app
# The slim image has no certificates, and TLS to a Temporal elsewhere needs them: the newest, whichever they are.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*

# Everything, and the build. No install script runs: none is needed (`allowScripts` in package.json says the same to an npm
# that reads it).
FROM base AS build
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
COPY prisma.config.ts tsconfig.json ./
COPY prisma prisma
COPY scripts scripts
COPY src src
RUN npm run build

# What runs. The optional packages are the Prisma CLI (to which its client has a loose tie) and native compilers, which
# bundle workflows: that is done. Temporal's bridge comes for every system; these are for others.
FROM base AS dependencies
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm \
  npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=error \
  && rm -rf node_modules/@temporalio/core-bridge/releases/*-apple-darwin \
  && rm -rf node_modules/@temporalio/core-bridge/releases/*-windows-msvc

# Runs once at each deployment (as the image's user `node`, by its number: Kubernetes wants that). It has the Prisma CLI, which the other image does without.
FROM base AS migrate
ENV NODE_ENV=production
COPY --from=build /app/node_modules node_modules
COPY package.json prisma.config.ts ./
COPY prisma prisma
COPY scripts scripts
USER 1000:1000
CMD ["node", "scripts/prisma.mjs", "migrate", "deploy"]

# The API by default; `node dist/worker.js` is a worker. `npm start` runs the same two.
FROM base AS runtime
ENV NODE_ENV=production
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY --from=build /app/dist dist
USER 1000:1000
EXPOSE 8080
CMD ["node", "dist/server.js"]
