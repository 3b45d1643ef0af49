/** Views as two releases of PostgreSQL print them. */
import assert from "node:assert/strict";

import { normaliseView } from "../../engine/core/catalog/view-definition";

/** As 15 prints it, as 16 prints it. */
const SAME: [string, string, string][] = [
  [
    "strings that look like columns",
    String.raw`SELECT t.a, E'it\'s t.a ' || t.b, 'it''s t.a' AS x FROM s.t;`,
    String.raw`SELECT a, E'it\'s t.a ' || b, 'it''s t.a' AS x FROM s.t;`,
  ],
  ["a GROUP BY", "SELECT t.a FROM s.t GROUP BY t.a;", "SELECT a FROM s.t GROUP BY a;"],
  ["a HAVING", "SELECT t.a FROM s.t HAVING t.a;", "SELECT a FROM s.t HAVING a;"],
  ["a WINDOW", "SELECT t.a FROM s.t WINDOW w AS (x);", "SELECT a FROM s.t WINDOW w AS (x);"],
  ["an ORDER BY", "SELECT t.a FROM s.t ORDER BY t.a;", "SELECT a FROM s.t ORDER BY a;"],
  ["an OFFSET", "SELECT t.a FROM s.t OFFSET x;", "SELECT a FROM s.t OFFSET x;"],
  ["a FETCH", "SELECT t.a FROM s.t FETCH FIRST;", "SELECT a FROM s.t FETCH FIRST;"],
  ["a FOR UPDATE", "SELECT t.a FROM s.t FOR UPDATE;", "SELECT a FROM s.t FOR UPDATE;"],
  ["a TABLESAMPLE", "SELECT t.a FROM s.t TABLESAMPLE x;", "SELECT a FROM s.t TABLESAMPLE x;"],
  ["no end", "SELECT t.a FROM s.t", "SELECT a FROM s.t"],
  ["an alias", "SELECT u.a FROM s.t u;", "SELECT a FROM s.t u;"],
  ["quoted names", 'SELECT "T u"."A" FROM s."T u";', 'SELECT "A" FROM s."T u";'],
  ["names beyond ASCII", "SELECT tž.a FROM s.tž;", "SELECT a FROM s.tž;"],
  [
    "keywords between quotes",
    `SELECT t.a, 'UNION'::text AS "EXCEPT" FROM s."ORDER" t WHERE (t.a = 'FROM');`,
    `SELECT a, 'UNION'::text AS "EXCEPT" FROM s."ORDER" t WHERE (a = 'FROM');`,
  ],
  ["no schema", "SELECT t.a FROM t;", "SELECT a FROM t;"],
  [
    "a subquery, whose columns keep their qualifiers",
    "SELECT t.a, ( SELECT max(o.a) FROM s.o, s.p) AS m FROM s.t;",
    "SELECT a, ( SELECT max(o.a) FROM s.o, s.p) AS m FROM s.t;",
  ],
];

/** Views of which nothing may be left out. */
const KEPT: [string, string][] = [
  ["two relations", "SELECT t.a, u.a FROM s.t, s.u;"],
  ["a UNION", "SELECT t.a FROM s.t UNION SELECT t.a FROM s.u t;"],
  ["a UNION behind a WHERE", "SELECT t.a FROM s.t WHERE t.a UNION SELECT t.b FROM s.u t;"],
  ["an INTERSECT behind a WHERE", "SELECT t.a FROM s.t WHERE x INTERSECT SELECT 1 FROM s.u;"],
  ["an EXCEPT behind a WHERE", "SELECT t.a FROM s.t WHERE t.a EXCEPT SELECT 1 FROM s.u;"],
  ["a UNION without a FROM", "SELECT t.a UNION SELECT t.b FROM s.t;"],
  ["no FROM", "SELECT t.a;"],
  ["a FROM in a subquery only", "SELECT ( SELECT t.a FROM s.t) AS x;"],
  ["the whole row", "SELECT t.* FROM s.t;"],
  ["a schema of the relation's name", "SELECT x.t.a FROM t;"],
  ["nothing", ""],
];

describe("core/catalog: view definitions of two releases", () => {
  for (const [what, old, now] of SAME) {
    it(`are the same with ${what}`, () => {
      assert.equal(normaliseView(old), now);
      assert.equal(normaliseView(now), now);
    });
  }

  for (const [what, view] of KEPT) {
    it(`are as they are with ${what}`, () => assert.equal(normaliseView(view), view));
  }
});
