/** A migration that makes a table. */
export const table = (name: string) => `CREATE TABLE ${name} (id int PRIMARY KEY, note text);\n`;
