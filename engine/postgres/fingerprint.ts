import { createHash } from "node:crypto";

import * as core from "../core/catalog";

const sha256: core.Sha256 = (text) => createHash("sha256").update(text, "utf8").digest("hex");

/** @returns one hash of the whole schema, `sha256:` and 32 hexadecimal digits */
export const fingerprint = (catalog: core.Catalog) => core.fingerprintCatalog(catalog, sha256);

/** @returns a short hash for each object of the schema, for naming what differs later */
export const digestCatalog = (catalog: core.Catalog) => core.digestCatalog(catalog, sha256);
