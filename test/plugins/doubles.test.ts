import { strict as assert } from "node:assert";

import { kindNamed } from "./kube-api";
import { differences, normalize, prune, replacing } from "./kubernetes/diff";
import { validate } from "./kubernetes/schema";
import { ObjectStore, Refusal } from "./kubernetes/store";
import { renderTemplate } from "./template";
import { at, hideLike, reveal, secret, UNKNOWN } from "./values";

const SECRET = kindNamed("Secret");
const JOB = kindNamed("Job");
const EXTERNAL = kindNamed("ExternalSecret");

describe("Doubles of the cluster", () => {
  describe("templates of the operator", () => {
    const encode = '{{ .p | urlquery | replace "+" "%20" }}';
    for (const password of ["a b+c", "ä@:/%#\"'!()*", "plain"])
      it(`encode ${password}`, () => {
        const rendered = renderTemplate(`postgresql://u:${encode}@h/d`, { p: password });
        assert.equal(decodeURIComponent(new URL(rendered).password), password);
      });

    it("say what they lack", () => {
      assert.throws(() => renderTemplate("{{ .q }}", {}), /map has no entry for key "q"/);
      assert.throws(() => renderTemplate("{{ .q | upper }}", { q: "" }), /"upper" not defined/);
    });
  });

  describe("differences", () => {
    it("go down to the field, and an unknown value always differs", () => {
      const old = { spec: { a: 1, list: ["x"], gone: true } };
      const wanted = { spec: { a: 2, list: ["x", "y"], later: UNKNOWN } };
      assert.deepEqual(differences(old, wanted), {
        "spec.a": "update",
        "spec.list[1]": "add",
        "spec.gone": "delete",
        "spec.later": "add",
      });
    });

    it("replace a Job for its template and a Secret for its data, an ExternalSecret for its name alone", () => {
      const paths = ["spec.template.spec.containers[0].image", "spec.backoffLimit"];
      assert.deepEqual(replacing(JOB, paths, {}), paths.slice(0, 1));
      assert.deepEqual(replacing(SECRET, ["data.password", "metadata.labels.a"], {}), [
        "data.password",
      ]);
      assert.deepEqual(replacing(EXTERNAL, ["spec.data[0]", "metadata.name"], {}), [
        "metadata.name",
      ]);
    });

    it("overlook what the server has added or written in another form", () => {
      const live = { spec: { cpu: "1", defaulted: true, memory: "128Mi" } };
      const manifest = { spec: { cpu: "1000m", memory: "64Mi" } };
      const expected = { spec: { cpu: "1000m", memory: "128Mi" } };
      assert.deepEqual(prune(live, manifest), expected);
    });

    it("take stringData for data", () => {
      const manifest = { stringData: { a: "x" }, data: { b: "eQ==" } };
      assert.deepEqual(normalize(SECRET, manifest), { data: { a: "eA==", b: "eQ==" } });
    });
  });

  describe("secrets among values", () => {
    it("are found below, and hidden again at the same places", () => {
      const inputs = { data: secret({ a: "x" }), list: [{ b: secret("y") }], c: "z" };
      const plain = { data: { a: "x" }, list: [{ b: "y" }], c: "z" };
      assert.deepEqual(reveal(inputs), plain);
      assert.deepEqual(hideLike(inputs, { ...plain, more: 1 }), { ...inputs, more: 1 });
    });
  });

  describe("recorded schemas", () => {
    const spec = { secretStoreRef: { name: "s", kind: "SecretStore" }, target: {} };
    const reasons = (object: object) =>
      validate(EXTERNAL, { metadata: { name: "x" }, spec: { ...spec, ...object } }).map(
        ({ path }) => path,
      );

    it("know the operator's rules", () => {
      assert.deepEqual(reasons({}), []);
      assert.deepEqual(reasons({ secretStoreReff: {} }), [".spec.secretStoreReff"]);
      const engine = { target: { template: { engineVersion: "v3" } } };
      assert.deepEqual(reasons(engine), [".spec.target.template.engineVersion"]);
      const slash = { data: [{ secretKey: "a/b", remoteRef: { key: "k" } }] };
      assert.deepEqual(reasons(slash), [".spec.data[0].secretKey"]);
      assert.deepEqual(reasons({ data: [{ secretKey: "a", remoteRef: {} }] }), [
        ".spec.data[0].remoteRef",
      ]);
    });

    it("let pass what is not known yet", () => {
      assert.deepEqual(reasons({ refreshPolicy: UNKNOWN, data: UNKNOWN }), []);
    });
  });

  describe("the store", () => {
    const apply = (store: ObjectStore, spec: object, manager = "one") =>
      store.apply(EXTERNAL, manager, {
        metadata: { name: "x", namespace: "n" },
        spec: { ...spec },
      });

    it("takes back what its manager does not apply any more, and leaves what others have applied", () => {
      const store = new ObjectStore();
      apply(store, { a: 1, b: 2 });
      apply(store, { c: 3 }, "two");
      assert.deepEqual(apply(store, { a: 1 }).spec, { a: 1, c: 3 });
    });

    it("counts a change of the spec as a generation, and none as no version", () => {
      const store = new ObjectStore();
      const numbers = (object: object) =>
        ["generation", "resourceVersion"].map((key) => at(object, "metadata", key));
      const [generation, version] = numbers(apply(store, { a: 1 }));
      assert.equal(generation, 1);
      assert.deepEqual(numbers(apply(store, { a: 1 })), [1, version]);
      store.patch(EXTERNAL, "n", "x", { status: { seen: 1 } });
      assert.deepEqual(numbers(store.get(EXTERNAL, "n", "x") ?? {})[0], 1);
      assert.equal(numbers(apply(store, { a: 2 }))[0], 2);
    });

    it("keeps nothing of a dry run", () => {
      const store = new ObjectStore();
      const metadata = { name: "x", namespace: "n" };
      store.apply(EXTERNAL, "one", { metadata, spec: {} }, true);
      assert.equal(store.get(EXTERNAL, "n", "x"), undefined);
    });

    it("refuses a change of a Job's template, and a deletion of another one of the same name", () => {
      const store = new ObjectStore();
      const job = (image: string) => ({
        metadata: { name: "j", namespace: "n" },
        spec: { template: { image } },
      });
      store.create(JOB, job("one"));
      assert.throws(
        () => store.apply(JOB, "one", job("two")),
        (error) =>
          error instanceof Refusal && error.status === 422 && /immutable/.test(error.message),
      );
      assert.throws(() => store.delete(JOB, "n", "j", "another"), /Precondition failed/);
    });

    it("deletes with an object what it owns", () => {
      const store = new ObjectStore();
      const { uid } = store.create(JOB, { metadata: { name: "j", namespace: "n" }, spec: {} })
        .metadata as { readonly uid: string };
      const pod = kindNamed("Pod");
      const ownerReferences = [{ kind: "Job", name: "j", uid }];
      store.create(pod, { metadata: { name: "p", namespace: "n", ownerReferences } });
      store.delete(JOB, "n", "j");
      assert.equal(store.get(pod, "n", "p"), undefined);
    });
  });
});
