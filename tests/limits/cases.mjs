// Templates that would take all time, memory or stack, or leave their folder:
// [template, what the error's last words contain, or else the page].
const MEMORY = 'memory limit', STEPS = 'step limit', OUTPUT = 'output limit', STACK = 'Maximum call stack size exceeded';
const LENGTH = 'Invalid string length', REGEXP = 'a regular expression takes too many steps', DEEP = 'SyntaxError';
const many = (text, n = 1e5) => text.repeat(n);
const nest = (open, inner, close, n = 1e5) => many(open, n) + inner + many(close, n);
const numbers = 'Array.from({ length: 1000 }, (_, i) => i)';

export const endless = [
  ['<% while (true) {} %>', STEPS],
  ['<% for (;;) { %>x<% } %>', OUTPUT],
  ['<% for (;;) { try { continue; } finally { } } %>', STEPS],
  ['<% for (;;) include("leaf"); %>', MEMORY],
  ['<% const m = new Map([[0, 0]]); for (const [k] of m) m.set(k + 1, 1); %>', MEMORY],
  ['<% const a = [1]; for (const x of a) a.push(x); %>', MEMORY],
  ['<% function* g() { for (;;) yield 1; } [...g()]; %>', MEMORY],
  ['<%= /^(a+)+$/.test("a".repeat(40) + "!") %>', REGEXP],
  ['<%= "a".repeat(200000).replace(/a*b/g, "") %>', REGEXP],
  ['<%= /(.*)(.*)(.*)(.*)\\1\\2\\3\\4$/.test("ab".repeat(2000)) %>', REGEXP],
];

export const recursive = [
  ['<% function f() { return f() + 1; } f(); %>', STACK],
  ['<% const a = () => b(), b = () => a(); a(); %>', STACK],
  ['<% const f = () => { try { f(); } catch (e) { throw e; } }; f(); %>', STACK],
  ['<%- include("self") %>', STACK],
  ['<% const o = { get x() { return this.x; } }; o.x; %>', STACK],
  ['<% const o = { toString() { return "" + this; } }; %><%= o %>', STACK],
  ['<% const o = { valueOf() { return +this; } }; o + 1; %>', STACK],
  ['<% const o = { toJSON() { return { x: o }; } }; JSON.stringify(o); %>', STACK],
  ['<% function* g() { yield* g(); } [...g()]; %>', STACK],
  ['<% function F() { new F(); } new F(); %>', STACK],
  ['<% const a = [3, 2, 1], f = () => { a.sort(f); return 0; }; a.sort(f); %>', STACK],
  ['<% const a = [1]; a.forEach(function f(x) { a.push(x); a.forEach(f); }); %>', STACK],
  ['<% let f = () => 1; for (let i = 0; i < 1e5; i++) { const g = f; f = () => g(); } f(); %>', STACK],
  ['<% let a = []; for (let i = 0; i < 1e5; i++) a = [a]; a.join(); %>', STACK],
  ['<% let a = []; for (let i = 0; i < 1e5; i++) a = [a]; a.flat(Infinity); %>', STACK],
  ['<% let a = []; for (let i = 0; i < 1e5; i++) a = [a]; JSON.stringify(a); %>', STACK],
  ['<% JSON.parse("[".repeat(1e6)); %>', STACK],
  ['<% const o = {}; o.o = o; JSON.stringify(o); %>', "property 'o' closes the circle"],
  ['<% const a = []; a.push(a, a); %><%= a.join() %>', ','],
];

export const large = [
  ['<% let s = "x"; for (;;) s += s; %>', MEMORY],
  ['<% const l = []; for (;;) l.push("x".repeat(1e6)); %>', MEMORY],
  ['<%= "x".repeat(1e9) %>', LENGTH],
  ['<%= "x".padStart(1e9) %>', LENGTH],
  ['<% "x".padEnd(5e8, "ab"); %>', MEMORY],
  ['<% let s = "aaaaaaaaaa"; for (;;) s = s.replace(/a/g, "$&$&$`"); %>', MEMORY],
  ['<% let s = "aaaaaaaaaa"; for (;;) s = s.replaceAll("a", s); %>', MEMORY],
  ['<% new Array(4e7).join("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"); %>', MEMORY],
  ['<% new Array(1e9).fill(1); %>', MEMORY],
  ['<% Array.from({ length: 1e9 }); %>', MEMORY],
  ['<% [...new Array(1e8)]; %>', MEMORY],
  ['<% Math.max(...new Array(5e7).fill(1)); %>', MEMORY],
  ['<% const a = []; a.length = 4e9; a.map((x) => x); %>', MEMORY],
  ['<% const a = [3, 1]; a.length = 4294967295; a.sort(); %>', MEMORY],
  ['<% const a = []; a.length = 2 ** 32; %>', 'Invalid array length'],
  ['<% const a = []; a[4294967294] = 1; %><%= a.length %>', '4294967295'],
  ['<% let o = {}; for (;;) o = { ...o, ["k" + Object.keys(o).length]: 1 }; %>', MEMORY],
  ['<% let a = [1]; for (;;) a = a.concat(a); %>', MEMORY],
  ['<% let f = () => 1; for (;;) f = f.bind(null); %>', MEMORY],
  ['<% "x".repeat(2e7).split(""); %>', MEMORY],
  ['<% new RegExp("(".repeat(1e5) + ")".repeat(1e5)); %>', 'Invalid regular expression'],
  [`<% const a = ${numbers}; %><%= a.sort(() => { a.length = 0; return 1; }).length %>`, '1000'],
  [`<% const a = ${numbers}; a.sort((x, y) => { a.push(1); return 0; }); %><%= a.length > 1000 %>`, 'true'],
];

export const deep = [
  `<%= ${nest('(', '1', ')')} %>`, `<%= ${nest('[', '', ']')} %>`, `<%= ${many('!')}1 %>`, `<%= ${nest('`${', '1', '}`')} %>`,
  `<%= ${nest('1 ? ', '1', ' : 2')} %>`, `<% let a; ${many('a = ')}1 %>`, `<% ${many('x => ')}1 %>`, `<%= 1${many(' ** 1')} %>`,
  `<%= locals${many('?.a')} %>`, `<%= locals${many('[0]')} %>`, `<% (() => 1)${many('()')} %>`, `<% ${many('new ')}Date %>`,
  `<% x = ${nest('{a:', '1', '}')} %>`, `<% var ${nest('[', 'a', ']')} = 1 %>`, `<% f(${nest('...[', '', ']')}) %>`,
  `<% ${many('if (1) ')}; %>`, `<% ${many('if (0) ; else ')}; %>`, `<% ${nest('{', '', '}')} %>`, `<% ${nest('(function () {', '', '})', 2e4)} %>`,
  `<% ${nest('(class { [', '1', ']() {} })', 2e4)} %>`, nest('<% if (1) { %>', '', '<% } %>', 2e4), `<% /${nest('(', '', ')')}/ %>`,
].map((template) => [template, DEEP]);

const OUT = 'leads out of the folders of the views', NONE = 'Could not find the include file', CODE = 'Code generation from strings disallowed';
export const confined = [
  ['<%- include("../secret") %>', OUT],
  ['<%- include("/../secret.ejs") %>', OUT],
  ['<%- include("sub/../../secret") %>', OUT],
  ['<%- include(".." + "/" + "secret") %>', OUT],
  ['<%- include("link") %>', OUT],
  ['<%- include("up/secret") %>', OUT],
  ['<%- include("/etc/passwd") %>', 'ENOENT'],
  ['<%- include("//etc/passwd") %>', 'ENOENT'],
  ['<%- include("../secret\\0.ejs") %>', NONE],
  ['<%- include("..\\\\secret") %>', NONE],
  ['<%- include("file:///etc/passwd") %>', NONE],
  ['<%- include({ toString: () => "../secret" }) %>', 'must be of type string'],
  ['<%= process.env.HOME %>', 'process is not defined'],
  ['<%= require("fs") %>', 'require is not defined'],
  ['<%= typeof globalThis.process + typeof this.process %>', 'undefinedundefined'],
  ['<%= [].constructor.constructor("return process")() %>', CODE],
  ['<%= include.constructor("return process")() %>', CODE],
  ['<%= Function("return 1")() %>', 'SyntaxError'],
  ['<%= eval("1") %>', 'SyntaxError'],
  ['<%= import("fs") %>', 'SyntaxError'],
];
