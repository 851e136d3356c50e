// Checks that each folder includes from lower floors only, and that each
// library we build on is seen by the files that may see it.
//
//   node floors.mjs ROOT
import fs from 'node:fs';
import path from 'node:path';

const root = process.argv[2];

// Which folders (below engine/) and public headers a folder may include from,
// besides itself.  ORDER floors: engine/README.md draws them.
const ejsFloors = ['base', 'ejs/syntax', 'ejs/runtime', 'ejs/vm', 'ejs/cgen'];
const FLOORS = {
  'engine/base': [],
  'engine/ejs/syntax': ['base', 'ejs.h'],
  'engine/ejs/runtime': ['base', 'ejs.h', 'ejs/runtime.h'],
  'engine/ejs/vm': ['base', 'ejs/syntax', 'ejs/runtime', 'ejs.h', 'ejs/runtime.h'],
  'engine/ejs/cgen': ['base', 'ejs/syntax', 'ejs/runtime', 'ejs.h', 'ejs/runtime.h'],
  'engine/ejs': [...ejsFloors, 'ejs.h', 'ejs/runtime.h'],
  'engine/http': ['base', 'mvc.h', 'mvc'],
  'engine/middleware': ['base', 'http', 'mvc.h', 'mvc'],
  'engine/model': ['base', 'mvc/model.h'],
  'engine/model/store': ['base', 'model', 'mvc/model.h'],
  'engine/app': ['base', 'http', 'middleware', 'model', 'model/store', 'mvc.h', 'mvc', 'ejs.h'],
  'engine/include': ['mvc/model.h'],
  'engine/include/ejs': ['ejs.h'],
  'engine/include/mvc': ['mvc.h'],
  'scaffold': ['base', 'ejs.h'],
};

// The only files that see a library's header.
const SEEN_BY = {
  'microhttpd.h': ['engine/http/server.c'],
  'gnutls/abstract.h': ['engine/http/tls.c', 'engine/middleware/jwt_key.c'],
  'gnutls/gnutls.h': ['engine/http/tls.c', 'engine/middleware/jwt_key.c'],
  'sqlite3.h': ['engine/model/store/sqlite.c'],
};

// Where an #include leads: a folder below engine/, or a public header.
function target(file, name, quoted) {
  if (fs.existsSync(path.join(root, 'engine/include', name))) return name;
  if (fs.existsSync(path.join(root, 'engine', name))) return path.dirname(name);
  if (fs.existsSync(path.join(root, 'scaffold', name)) || name.startsWith('scaffold/')) return 'scaffold';
  return quoted ? `nowhere (${name})` : null;
}

function allowed(folder, where) {
  if (folder === where || folder === `engine/${where}`) return true;
  return FLOORS[folder].some((a) => a === where || (a === 'mvc' && where.startsWith('mvc/')));
}

let wrong = 0;
function complain(file, line, text) {
  console.log(`${file}:${line}: ${text}`);
  wrong++;
}

function check(file) {
  const folder = path.dirname(file);
  if (!FLOORS[folder]) return complain(file, 1, 'lies in a folder that has no floor');
  fs.readFileSync(path.join(root, file), 'utf8').split('\n').forEach((text, i) => {
    const [, open, name] = /^\s*#\s*include\s*([<"])([^>"]+)[>"]/.exec(text) ?? [];
    if (!name) return;
    if (SEEN_BY[name] && !SEEN_BY[name].includes(file)) complain(file, i + 1, `<${name}> is for ${SEEN_BY[name]} only`);
    const where = target(file, name, open === '"');
    if (where !== null && !allowed(folder, where)) complain(file, i + 1, `${folder} may not include from ${where}`);
  });
}

let count = 0;
for (const top of ['engine', 'scaffold']) {
  for (const name of fs.readdirSync(path.join(root, top), { recursive: true }).sort()) {
    if (!/\.(c|h|def|inc)$/.test(name)) continue;
    check(path.join(top, name));
    count++;
  }
}
console.log(`${count} files, ${wrong} includes against the floors`);
process.exit(wrong ? 1 : 0);
