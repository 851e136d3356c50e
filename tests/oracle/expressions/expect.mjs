// Writes NAME.expected.jsonl for each NAME.txt: what EJS makes of the rows in
// the Node that runs this, which has to be version 20.  Halves of pairs become
// U+FFFD, as they do when text is written out.
//     node expect.mjs [NAME...]
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { here, names, rows, sentence, template } from './rows.mjs';

process.env.TZ = 'UTC';
const ejs = createRequire(import.meta.url)('ejs');
if (!process.version.startsWith('v20.'))
  throw new Error(`Node 20 is wanted, this is ${process.version}`);

function result(row) {
  try {
    return [row, ejs.render(template(row), {}).toWellFormed()];
  } catch (e) {
    return [row, { name: e.name,
      message: sentence(e.message).toWellFormed() }];
  }
}

for (const name of process.argv.length > 2 ? process.argv.slice(2) : names()) {
  const lines = rows(name).map((row) => JSON.stringify(result(row)));
  fs.writeFileSync(path.join(here, `${name}.expected.jsonl`),
    lines.join('\n') + '\n');
  console.log(`${name}: ${lines.length} rows`);
}
