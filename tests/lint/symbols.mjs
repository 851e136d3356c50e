// Checks the names that the libraries define for the linker: an archive must
// not collide with the program it is linked into.
//
//   node symbols.mjs NM LIBEJS LIBMVC
import { execFileSync } from 'node:child_process';

const [nm, ejs, mvc] = process.argv.slice(2);
const PREFIXES = { [ejs]: /^(base_|ejs_)/, [mvc]: /^(base_|mvc_)/ };
// What sanitizers and the linker itself put in.
const NOT_OURS = /^(_init|_fini|_edata|_end|__bss_start|__odr_asan\..*|__asan.*|__tsan.*)$/;

let wrong = 0, count = 0;
for (const [library, prefix] of Object.entries(PREFIXES)) {
  const shared = /\.so(\.|$)/.test(library);
  const flags = ['--defined-only', '--extern-only', '--format=posix', ...(shared ? ['--dynamic'] : [])];
  for (const line of execFileSync(nm, [...flags, library], { encoding: 'utf8', maxBuffer: 1 << 28 }).split('\n')) {
    const [name, kind] = line.split(' ');
    if (!kind || name.endsWith(':') || NOT_OURS.test(name)) continue;
    count++;
    const fine = prefix.test(name) && !(shared && name.startsWith('base_'));
    if (fine) continue;
    console.log(`${library}: ${name} (${kind})`);
    wrong++;
  }
}
console.log(`${count} symbols, ${wrong} with a name that is not ours to take`);
process.exit(wrong ? 1 : 0);
