// Makes one C program of the examples in engine/docs/models.md.
//
//   node guide.mjs models.md OUT.c
//
// A block marked ```c file stands at file scope, other ```c blocks follow each
// other in main(), each in a scope of its own; what they expect they assert.
import fs from 'node:fs';

const [guide, out] = process.argv.slice(2);
const file = [], body = [];
let block = null;
fs.readFileSync(guide, 'utf8').split('\n').forEach((line, i) => {
  const fence = /^```(\w*)\s*(\w*)/.exec(line);
  if (!fence) return void block?.push(line);
  if (block) { block = null; return; }
  block = fence[1] === 'c' ? (fence[2] === 'file' ? file : body) : [];
  if (block === body && block.length) block.push('}');
  if (block === body) block.push('{');
  if (fence[1] === 'c') block.push(`#line ${i + 2} "${guide}"`);
});

fs.writeFileSync(out, `#undef NDEBUG
#include <assert.h>
#include <json-c/json.h>
#include <mvc/model.h>
#include <stdio.h>
#include <string.h>

#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wshadow"

${file.join('\n')}

int main(void)
{
    mvc_error err;
    mvc_db *db = mvc_db_open(":memory:", &err);
    assert(db);
${body.join('\n')}
}
    mvc_db_close(db);
    return 0;
}
`);
