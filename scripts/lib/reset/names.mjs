// Names of the databases that a reset makes beside those of the stack. Each begins with "tidemark_", and what is under
// such a name is ours to drop.
import { createHash } from "node:crypto";

const digest = (text) => createHash("sha256").update(text).digest("hex").slice(0, 16);

/** What is left under this name was not finished. */
export const UNFINISHED = /^tidemark_(?:new|building)_[0-9a-f]{16}$/;
export const TEMPLATE = /^tidemark_template_[0-9a-f]{16}$/;

/** The new database, until it takes its name. */
export const newName = (database) => `tidemark_new_${digest(database)}`;
/** The old one, until it is dropped. */
export const oldName = (database) => `tidemark_old_${digest(database)}`;
/** A template, by all that its contents follow from. */
export const templateName = (identity) => `tidemark_template_${digest(identity)}`;
/** The same until it is complete. */
export const buildingName = (template) => template.replace("_template_", "_building_");
