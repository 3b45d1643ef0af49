# The tidemark command: the image of the migration Job, and of CI. Build it with: npm run image
#
# It only copies, so it needs no network, no package manager and no emulator for another architecture: everything here is
# JavaScript, compiled and installed by the lock file beforehand (scripts/lib/image-context.mjs makes the build context).

# Node 20.20.2 on Alpine: the index of all architectures, as the registry gave it for node:20-alpine in June and October
# 2026 (public Dockerfiles that pin it and say so, and build logs that resolved it, agree).
# To renew: docker buildx imagetools inspect node:20-alpine
ARG BASE=docker.io/library/node:20-alpine@sha256:fb4cd12c85ee03686f6af5362a0b0d56d50c58a04632e6c0fb8363f609372293

FROM ${BASE} AS engine
COPY app /app
WORKDIR /app
ENV NODE_ENV=production
# A number, so that Kubernetes can see that it is not root. Nothing in the image is written to.
USER 65532:65532
ENTRYPOINT ["node", "/app/bin/engine/cli/main.js"]
CMD ["--help"]

# With the migrations of this repository, for tidemark:job.migrations: image
FROM engine AS with-migrations
COPY migrations /app/migrations

# The one that is built where no target is named
FROM engine
