import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import fc from "fast-check";

import {
  compareCatalogs,
  describeDrift,
  digestCatalog,
  fingerprintCatalog,
} from "../../engine/core/catalog";
import { CATALOG_FORMAT, inFormat, isDriftOnly } from "../../engine/core/catalog/format";
import {
  containersOf,
  DETAILS,
  identityOf,
  kindOf,
  OBJECT_KINDS,
  subjectOf,
} from "../../engine/core/catalog/identity";
import { shownDefinition } from "../../engine/core/catalog/shown";
import { normaliseView } from "../../engine/core/catalog/view-definition";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const report = (recorded: Record<string, string>, live: Record<string, string>) =>
  compareCatalogs(recorded, live).map(({ change, object }) => `${object} ${change}`);

describe("core/catalog: identities", () => {
  it("reads like SQL and quotes what needs it, but no keywords", () => {
    assert.equal(identityOf({ kind: "table", path: ["public", "order"] }), "table public.order");
    assert.equal(
      identityOf({ kind: "column", path: ["My Schema", 'a"b', "x.y"] }),
      'column "My Schema"."a""b"."x.y"',
    );
    assert.equal(
      identityOf({ kind: "index", path: ["public", "i"], owner: ["public", "t"] }),
      "index public.i on public.t",
    );
    assert.equal(
      identityOf({ kind: "function", path: ["public", "f"], suffix: "(integer, text)" }),
      "function public.f(integer, text)",
    );
  });

  const name = fc.oneof(fc.constantFrom("a", "users", "on", "of"), fc.string({ minLength: 1 }));

  it("can be read back, whatever the names are", () => {
    const path = fc.array(name, { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(path, ([schema = "", table = "", part = ""]) => {
        const relation = identityOf({ kind: "table", path: [schema, table] });
        const column = identityOf({ kind: "column", path: [schema, table, part] });
        const index = identityOf({ kind: "index", path: [schema, part], owner: [schema, table] });
        const sequence = { kind: "sequence", path: [schema, part], owner: [schema, table, part] };
        assert.deepEqual(containersOf(relation), [identityOf({ kind: "schema", path: [schema] })]);
        assert.ok(containersOf(column).includes(relation));
        assert.ok(containersOf(index).includes(relation));
        assert.deepEqual(containersOf(identityOf(sequence)), [column]);
        assert.deepEqual(containersOf(`comment on ${column}`), [column]);
        const constraint = identityOf({ kind: "domain constraint", path: [schema, table, part] });
        assert.deepEqual(containersOf(constraint), [
          identityOf({ kind: "domain", path: [schema, table] }),
        ]);
        const attribute = identityOf({ kind: "attribute", path: [schema, table, part] });
        assert.deepEqual(containersOf(attribute), [
          identityOf({ kind: "composite type", path: [schema, table] }),
        ]);
        const mapping = identityOf({ kind: "user mapping of", path: [part], owner: [table] });
        assert.deepEqual(containersOf(mapping), [identityOf({ kind: "server", path: [table] })]);
        const setting = { kind: "role setting", path: [schema, part], owner: [table] };
        assert.deepEqual(containersOf(identityOf(setting)), [], "a dot in its name is no schema");
        for (const detail of DETAILS)
          assert.equal(subjectOf(`${detail} of ${column}`), column, detail);
        const label = `security label by ${identityOf({ kind: "x", path: [part] }).slice(2)} on ${index}`;
        assert.equal(subjectOf(label), index);
      }),
    );
  });

  it("tells the kind of every object and of what is said about it", () => {
    for (const kind of OBJECT_KINDS) {
      assert.equal(kindOf(`${kind} public.a`), kind);
      assert.equal(kindOf(`grant to "x on y" on ${kind} public.a`), kind);
    }
  });
});

describe("core/catalog: what is drift only", () => {
  const SCHEMA = ["table public.a", "grant to app on table public.a", "comment on view public.v"];
  const ONLY = [
    "owner of table public.a",
    "security label by x on table public.a",
    "publication p",
    "comment on publication p",
    "comment on extension e",
    "grant to app on the database",
    "the database",
    "role setting work_mem of ALL",
  ];
  const all = Object.fromEntries([...SCHEMA, ...ONLY].map((identity) => [identity, "x"]));
  const schema = Object.fromEntries(SCHEMA.map((identity) => [identity, "x"]));

  it("is told by its name, and is no part of the fingerprint", () => {
    assert.deepEqual(SCHEMA.filter(isDriftOnly), []);
    assert.deepEqual(ONLY.filter(isDriftOnly), ONLY);
    assert.equal(fingerprintCatalog(all, sha256), fingerprintCatalog(schema, sha256));
  });

  it("is left out of a comparison with a catalog that has none of it, and so is what is not known", () => {
    assert.deepEqual(inFormat(all, 1), schema);
    assert.deepEqual(inFormat({ ...all, "hologram public.h": "x" }, CATALOG_FORMAT), all);
  });
});

describe("core/catalog: what may be shown", () => {
  const server = "nowhere type version options";

  it("of options only those that cannot be secret", () => {
    const options = `${server} api_key=k, host=h, note=a, b, password=p`;
    assert.equal(
      shownDefinition("server s", options),
      `${server} api_key=…, host=h, note=…, …, password=…`,
    );
    assert.equal(shownDefinition("comment on server s", options), options);
    assert.equal(shownDefinition("function public.f()", options), options);
    assert.equal(shownDefinition("server s", "nowhere type version"), "nowhere type version");
  });
});

describe("core/catalog: fingerprint and digests", () => {
  const catalog = fc.dictionary(fc.string(), fc.string());

  it("does not depend on the order of entries", () => {
    fc.assert(
      fc.property(catalog, (entries) => {
        const reversed = Object.fromEntries(Object.entries(entries).reverse());
        assert.equal(fingerprintCatalog(entries, sha256), fingerprintCatalog(reversed, sha256));
      }),
    );
  });

  it("differs wherever the catalogs differ", () => {
    fc.assert(
      fc.property(catalog, catalog, (a, b) => {
        const same = compareCatalogs(a, b).length === 0;
        assert.equal(fingerprintCatalog(a, sha256) === fingerprintCatalog(b, sha256), same);
      }),
    );
  });

  it("is short and of one form", () => {
    assert.match(fingerprintCatalog({}, sha256), /^sha256:[0-9a-f]{32}$/);
    assert.match(digestCatalog({ "table a.b": "table" }, sha256)["table a.b"] ?? "", /^\w{8}$/);
  });
});

describe("core/catalog: drift", () => {
  const table = {
    "table public.users": "table",
    "column public.users.id": "integer",
    "column public.users.email": "text",
    "column order of public.users": "'id' 'email'",
    "constraint public.users.users_pkey": "PRIMARY KEY (id)",
    "index public.users_email_idx on public.users": "CREATE INDEX",
    "sequence public.users_id_seq of public.users.id": "integer",
    "grant to app on sequence public.users_id_seq of public.users.id": "USAGE",
    "comment on column public.users.email": "where to write to",
    "grant to app on table public.users": "SELECT",
  };

  it("names what was added, removed and changed", () => {
    const live: Record<string, string> = {
      ...table,
      "column public.users.nickname": "text",
      "constraint public.users.users_pkey": "PRIMARY KEY (email)",
    };
    delete live["index public.users_email_idx on public.users"];
    assert.deepEqual(report(table, live), [
      "column public.users.nickname added",
      "constraint public.users.users_pkey changed",
      "index public.users_email_idx on public.users removed",
    ]);
  });

  it("names a table that came or went, and nothing of what is in it", () => {
    assert.deepEqual(report(table, {}), ["table public.users removed"]);
    assert.deepEqual(report({}, table), ["table public.users added"]);
    const inSchema = { ...table, "schema public": "schema", "function public.f()": "x" };
    assert.deepEqual(report({}, inSchema), ["schema public added"]);
  });

  it("names both names of a renamed table", () => {
    const renamed = Object.entries(table).map(
      ([object, definition]) =>
        [object.replaceAll("public.users", "public.people"), definition] as const,
    );
    assert.deepEqual(report(table, Object.fromEntries(renamed)), [
      "table public.people added",
      "table public.users removed",
    ]);
  });

  it("does not mistake a name that begins alike", () => {
    const live = { "table public.a": "", "column public.ab.c": "" };
    assert.deepEqual(report({}, live), ["table public.a added", "column public.ab.c added"]);
  });

  it("names the column order only where the columns are the same", () => {
    const order = "column order of public.users";
    assert.deepEqual(report(table, { ...table, [order]: "'email' 'id'" }), [`${order} changed`]);
    const more = { ...table, [order]: "'id' 'email' 'x'", "column public.users.x": "text" };
    assert.deepEqual(report(table, more), ["column public.users.x added"]);
  });

  it("describes a few and counts the rest", () => {
    const drifts = compareCatalogs({ "table a.b": "" }, { "view a.c": "", "enum a.d": "" });
    assert.equal(describeDrift(drifts, 2), "table a.b removed; view a.c added; 1 more");
    assert.equal(describeDrift(drifts), "table a.b removed; view a.c added; enum a.d added");
    assert.equal(describeDrift([]), "no drift");
  });

  const identity = fc.oneof(
    fc.tuple(fc.constantFrom("table", "view", "enum"), fc.constantFrom("s.a", "s.b", "t.a")),
    fc.tuple(fc.constantFrom("column", "constraint"), fc.constantFrom("s.a.x", "s.b.x", "t.a.y")),
    fc.tuple(fc.constantFrom("schema"), fc.constantFrom("s", "t")),
    fc.tuple(fc.constantFrom("index s.i on", "column order of"), fc.constantFrom("s.a", "t.a")),
    fc.tuple(
      fc.constantFrom("comment on", "grant to r on"),
      fc.constantFrom("table s.a", "column s.a.x"),
    ),
  );
  const catalog = fc.dictionary(
    identity.map((words) => words.join(" ")),
    fc.constantFrom("1", "2"),
  );

  it("finds nothing between equals", () => {
    fc.assert(fc.property(catalog, (a) => assert.deepEqual(compareCatalogs(a, { ...a }), [])));
  });

  it("names exactly what differs, or something that contains it", () => {
    fc.assert(
      fc.property(catalog, catalog, (a, b) => {
        const drifts = compareCatalogs(a, b);
        const named = new Set(drifts.map(({ object }) => object));
        assert.equal(named.size, drifts.length);
        for (const object of named) assert.notEqual(a[object], b[object]);
        for (const object of Object.keys({ ...a, ...b })) {
          if (a[object] !== b[object])
            assert.ok(isSaid(object, named), `${object} in ${[...named].join()}`);
        }
      }),
    );
  });

  function isSaid(object: string, named: ReadonlySet<string>): boolean {
    const reshaped =
      object.startsWith("column order of ") &&
      [...named].some((other) => other.startsWith(object.replace(" order of", "") + "."));
    return named.has(object) || reshaped || containersOf(object).some((one) => isSaid(one, named));
  }

  it("mirrors: what is added one way is removed the other", () => {
    const mirrored = { added: "removed", removed: "added", changed: "changed" };
    fc.assert(
      fc.property(catalog, catalog, (a, b) => {
        const back = compareCatalogs(b, a);
        assert.deepEqual(
          compareCatalogs(a, b),
          back.map(({ change, object }) => ({ change: mirrored[change], object })),
        );
      }),
    );
  });
});

describe("core/catalog: view definitions", () => {
  const same = (old: string, now: string) => assert.equal(normaliseView(old), normaliseView(now));

  it("are the same of PostgreSQL 15 and 16", () => {
    same(
      " SELECT users.id,\n    upper(users.name) AS up\n   FROM public.users\n  WHERE (users.id > 1);",
      " SELECT id,\n    upper(name) AS up\n   FROM public.users\n  WHERE (id > 1);",
    );
    same(
      ' SELECT "U".id\n   FROM public.users "U"\n LIMIT 5;',
      ' SELECT id\n   FROM public.users "U"\n LIMIT 5;',
    );
    same(
      " SELECT g.n\n   FROM generate_series(1, 3) g(n);",
      " SELECT n\n   FROM generate_series(1, 3) g(n);",
    );
  });

  it("keep their qualifiers where there is more than one relation", () => {
    for (const view of [
      " SELECT a.id,\n    b.id AS bid\n   FROM public.a,\n    public.b;",
      " SELECT u.id\n   FROM (public.users u\n     JOIN public.orders o ON ((o.id = u.id)));",
      " SELECT users.id\n   FROM public.users\nUNION\n SELECT orders.id\n   FROM public.orders;",
      " SELECT 1 AS one;",
    ]) {
      assert.equal(normaliseView(view), view);
    }
  });

  it("keep what only looks like a qualifier", () => {
    const view =
      " SELECT 'users.id'::text AS \"users.x\",\n    users.*::public.users AS u\n   FROM public.users;";
    assert.equal(normaliseView(view), view);
  });
});
