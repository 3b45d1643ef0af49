/** Templates of the External Secrets Operator (v2), as far as this program writes them. */
type Values = Readonly<Record<string, string>>;

const FUNCTIONS: Readonly<Record<string, (value: string, ...args: string[]) => string>> = {
  b64enc: (value) => Buffer.from(value).toString("base64"),
  replace: (value, from = "", to = "") => value.replaceAll(from, to),
  urlquery,
};

/** @throws Error with the operator's words where the template asks for what is not there */
export function renderTemplate(template: string, values: Values): string {
  return template.replaceAll(/\{\{-?\s*(.+?)\s*-?\}\}/g, (_, pipeline: string) => {
    const [first = "", ...calls] = pipeline.split("|").map((part) => part.trim());
    return calls.reduce(call, lookUp(first, values));
  });
}

function lookUp(expression: string, values: Values): string {
  const [, name] = /^\.(\w+)$/.exec(expression) ?? [];
  if (name === undefined) throw new Error(`unable to parse template: ${expression}`);
  const value = values[name];
  if (value === undefined)
    throw new Error(`could not apply template: map has no entry for key "${name}"`);
  return value;
}

function call(value: string, text: string): string {
  const [name = "", ...args] = text.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  const work = FUNCTIONS[name];
  if (!work) throw new Error(`unable to parse template: function "${name}" not defined`);
  return work(value, ...args.map((arg) => JSON.parse(arg) as string));
}

/** As Go escapes: a space becomes a plus. */
function urlquery(value: string): string {
  const escaped = encodeURIComponent(value).replaceAll("%20", "+");
  return escaped.replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}
