import assert from "node:assert/strict";
import { inspect } from "node:util";

import type { TidemarkError } from "../../engine/core/errors";

/** A password with everything that is special in a URL, and letters beyond ASCII. */
export const SECRET = "s3cret-Pässword/?%@:# x";

/** Looks at the error in every form in which one may be shown or logged. */
export function assertWithoutSecret(error: TidemarkError, secret = SECRET): void {
  const forms = [
    error.message,
    error.remedy,
    error.stack,
    String(error.cause),
    JSON.stringify(error),
    JSON.stringify(error, Object.getOwnPropertyNames(error)),
    inspect(error, { depth: Infinity, showHidden: true }),
    inspect(error.cause, { depth: Infinity, showHidden: true }),
  ];
  for (const form of forms) {
    for (const written of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
      assert.ok(!form?.includes(written), form);
  }
}
