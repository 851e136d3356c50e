// Finds the golden cases; used by run.mjs and by tests/oracle/golden.mjs.
//
// A case is a template FOLDER/NAME.ejs with what it must give: NAME.html, the
// page, or NAME.err, `ErrorName: message`.  NAME.json is its data, {} without.
// NAME.opts.json holds options under the names EJS gives them, and
//   now        what the clock says, in milliseconds
//   node       the first Node whose JavaScript gives this result
//   deviation  why the result differs from EJS 7's, on purpose
// A template without a result is there to be included by others.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const home = path.dirname(fileURLToPath(import.meta.url));

const read = (file) => (fs.existsSync(path.join(home, file)) ? fs.readFileSync(path.join(home, file), 'utf8') : null);

export function load(id) {
  const { deviation, node, now, ...options } = JSON.parse(read(`${id}.opts.json`) ?? '{}');
  return { id, file: `${id}.ejs`, data: read(`${id}.json`) ?? '{}', options, now, node, deviation, html: read(`${id}.html`), err: read(`${id}.err`) };
}

export function templates() {
  return fs.readdirSync(home, { recursive: true }).filter((name) => name.endsWith('.ejs')).map((name) => name.slice(0, -4)).sort();
}

// The cases whose id contains one of the words; all without words.
export function cases(words) {
  return templates().map(load).filter((c) => (c.html !== null || c.err !== null) && (!words.length || words.some((word) => c.id.includes(word))));
}
