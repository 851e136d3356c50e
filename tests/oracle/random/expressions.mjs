// Random expressions by kind: num, str, bool, nums, strs, objs, obj, any.
// They mostly succeed; a wrong kind now and then shows coercions and errors.
// Math's functions whose last digit is the C library's are left out.
import { NUMBERS, STRINGS } from './data.mjs';

const KINDS = ['num', 'str', 'bool', 'nums', 'strs', 'objs', 'obj', 'any'];
const REGEXPS = ['/a/', '/[a-z]+/g', '/(\\w)(\\w)?/', '/\\s+/g', '/^h/i', '/(?<first>.)(?<rest>.*)/', '/[^\\w]/gu', '/o$/m', '/(b|c)*/', '/./gs', '/(?=l)/g', '/\\d{1,2}/', '/(?<!a)b/gi', '/[\\u00c0-\\u024f]/', '/(a)|(b)/g', '/\\u{1F600}/u', '/a{0}/', '/\\bq/'];
const LITERALS = ['0', '1', '2', '3', '-1', '.5', '1e21', '1e-7', 'NaN', 'Infinity', '-0', '0xff', '0b101', '0o17', '1_000', '2**31', '-(2**31)', '4294967296', '123456789.125'];
const DATES = ['0', '1709647629123', '-1', '8.64e15', 'NaN', '"2024-02-30"', '"2024-03-05T14:07:09Z"', '2024, 1, 29', '1999, 11, 31, 23, 59, 59, 999', '"Mar 5, 2024"'];

export const quote = (text) => JSON.stringify(text).replace(/[\u2028\u2029]|%(?=>)/g, (x) => `\\u${x.charCodeAt(0).toString(16).padStart(4, '0')}`);

export class Expressions {
  // names: [{ name, kind, writable }], innermost last
  constructor(chance, names) {
    this.c = chance;
    this.names = names;
    this.made = 0;
  }

  fresh(prefix) {
    return `${prefix}${this.made++}`;
  }

  // With these names in scope as well.
  inside(names, make) {
    const size = this.names.length;
    this.names.push(...names);
    const made = make();
    this.names.length = size;
    return made;
  }

  known(kind, writable = false) {
    return this.names.filter((n) => n.kind === kind && (!writable || n.writable)).map((n) => n.name);
  }

  of(kind, depth) {
    const { c } = this;
    if (c.one(60)) kind = c.pick(KINDS); // the wrong one
    const names = this.known(kind);
    if (names.length && (depth <= 0 || c.one(3))) return c.one(25) && !/\W/.test(names[0]) ? `(${c.pick(names)})` : c.pick(names);
    if (depth <= 0) return this.leaf(kind);
    const e = (k) => this.of(k, depth - 1);
    if (c.one(14)) return this.shaped(kind, e, depth);
    return this[kind](e, depth);
  }

  leaf(kind) {
    const { c } = this;
    switch (kind) {
      case 'num': return c.pick(LITERALS);
      case 'str': return c.one(4) ? `'${c.pick(['a', 'b', '\\u00e9', '\\x41', "\\'", '\\\n', '\\0'])}'` : quote(c.pick(STRINGS));
      case 'bool': return c.pick(['true', 'false', '!0', '!1']);
      case 'nums': return c.pick(['[]', '[1,2,3]', '[3, 1, 10, 2]', '[0, -0, NaN]', '[1,,3]']);
      case 'strs': return c.pick(['[]', "['b','a','C']", "'x y z'.split(' ')", "['é', 'z', 'e']"]);
      case 'objs': return c.pick(['[]', "[{id: 1, name: 'n', price: 2, tags: []}]", '[{}, {}]']);
      case 'obj': return c.pick(['{id: 1, name: "one", price: 1.5, tags: ["t"]}', '{}', '{"0": 1, b: 2, a: 3}']).replace(/^/, '(') + ')';
      default: return c.pick(['null', 'undefined', '[]', '({})', '[1, [2, [3]]]', '/x/g', 'new Date(0)', 'new Map([[1, 2]])', 'new Set([1, 1])', '(() => 1)', 'void 0', 'this', 'NaN']);
    }
  }

  // Forms that work for all kinds.
  shaped(kind, e, depth) {
    const { c } = this;
    const writable = this.known(kind, true);
    return c.among(
      () => `(${e('bool')} ? ${e(kind)} : ${e(kind)})`,
      () => `(${e('any')}, ${e(kind)})`,
      () => `(${e(kind)} ${c.pick(['||', '&&', '??'])} ${e(kind)})`,
      () => (writable.length ? `(${c.pick(writable)} = ${this.small(kind, e)})` : e(kind)),
      () => `(${this.arrow([kind], () => this.of(kind, depth - 1), depth)})(${e(kind)})`,
      () => `(function () { return ${e(kind)}; })()`,
      () => `[${e(kind)}][0]`,
      () => `({ v: ${e(kind)} }).v`,
      () => `((${e(kind)}))`,
      () => `[${e(kind)}, ${e('any')}].at(${c.pick(['0', '-2'])})`,
      () => `(({ k: [, d = ${e(kind)}] }) => d)({ k: [1] })`,
      () => `(new (class { constructor(v) { this.v = v; } get w() { return this.v; } })(${e(kind)})).w`,
      () => `(function* () { yield ${e(kind)}; })().next().value`,
    );
  }

  // Bounded, so that loops which assign cannot make giants.
  small(kind, e) {
    if (kind === 'str' || kind === 'nums' || kind === 'strs' || kind === 'objs') return `${this.receiver(kind, e)}.slice(0, 30)`;
    return e(kind);
  }

  // Something that `.` can follow.
  receiver(kind, e) {
    const text = e(kind);
    return /^[\w$.]+$/.test(text) && !/^[\d.-]/.test(text) ? text : `(${text})`;
  }

  // An arrow function or function expression with parameters of these kinds.
  arrow(kinds, body, depth) {
    const { c } = this;
    const names = kinds.map((kind) => ({ name: this.fresh('p'), kind, writable: true }));
    const list = names.map((n) => n.name).join(', ');
    return this.inside(names, () => c.among(
      () => `(${list}) => ${body()}`,
      () => `(${list}) => { return ${body()}; }`,
      () => `function (${list}) { return ${body()}; }`,
      () => `(${list}) => { const k = ${this.of('any', Math.min(1, depth))}; return ${body()}; }`,
      () => (names.length === 1 ? `${list} => ${body()}` : `(${list}, ...rest) => ${body()}`),
    ));
  }

  element(kind) {
    return { nums: 'num', strs: 'str', objs: 'obj' }[kind];
  }
  someArray() {
    return this.c.pick(['nums', 'strs', 'objs']);
  }
  callback(kind, result, depth) {
    return this.arrow(this.c.one(4) ? [this.element(kind), 'num'] : [this.element(kind)], () => this.of(result, Math.min(depth - 1, 1)), depth);
  }

  num(e, depth) {
    const { c } = this, kind = this.someArray(), s = () => this.receiver('str', e), a = () => this.receiver(kind, e);
    const writable = this.known('num', true);
    return c.among(
      () => `(${e('num')} ${c.pick(['+', '-', '*', '/', '%', '+', '-', '*'])} ${e('num')})`,
      () => `(${e('num')} ${c.pick(['&', '|', '^', '<<', '>>', '>>>'])} ${e('num')})`,
      () => `((${e('num')}) ** ${c.pick(['2', '0.5', '-1', '3'])})`,
      () => `${c.pick(['-', '+', '~'])}(${e('num')})`,
      () => `+${s()}`,
      () => (writable.length ? c.pick(['++@', '@++', '--@', '@--', '(@ += 1)', '(@ *= 2)', '(@ -= 0.5)', '(@ |= 3)', '(@ %= 7)', '(@ >>>= 1)', '(@ ??= 4)', '(@ ||= 5)', '(@ &&= 6)']).replace('@', c.pick(writable)) : e('num')),
      () => `Math.${c.pick(['abs', 'floor', 'ceil', 'round', 'trunc', 'sign', 'sqrt', 'cbrt', 'fround', 'clz32', 'exp', 'log'])}(${e('num')})`,
      () => `Math.${c.pick(['min', 'max', 'hypot', 'pow', 'imul'])}(${e('num')}, ${e('num')})`,
      () => `Math.max(...${e('nums')})`,
      () => `${s()}.length`,
      () => `${a()}.length`,
      () => `${s()}.${c.pick(['indexOf', 'lastIndexOf', 'localeCompare', 'search'])}(${e('str')})`,
      () => `${s()}.search(${c.pick(REGEXPS)})`,
      () => `${s()}.${c.pick(['charCodeAt', 'codePointAt'])}(${e('num')})`,
      () => `${c.pick(['parseInt', 'parseFloat', 'Number', 'Number.parseFloat'])}(${e(c.pick(['str', 'any', 'num']))})`,
      () => `parseInt(${e('str')}, ${c.pick(['2', '10', '16', '36', '0', '1'])})`,
      () => `${this.receiver('nums', e)}.reduce((x, y) => x + y, ${e('num')})`,
      () => `${a()}.${c.pick(['findIndex', 'findLastIndex'])}(${this.callback(kind, 'bool', depth)})`,
      () => `${this.receiver('nums', e)}.${c.pick(['indexOf', 'lastIndexOf'])}(${e('num')})`,
      () => `${this.receiver('nums', e)}[${e('num')}]`,
      () => `${this.receiver('nums', e)}.${c.pick(['pop', 'shift'])}()`,
      () => `[...${e('nums')}].${c.pick(['push', 'unshift'])}(${e('num')})`,
      () => `${this.receiver('obj', e)}.${c.pick(['id', 'price', 'tags?.length'])}`,
      () => `new Date(${c.pick(DATES)}).${c.pick(['getTime', 'getFullYear', 'getMonth', 'getDate', 'getDay', 'getHours', 'getTimezoneOffset', 'getUTCDate', 'valueOf', 'getMilliseconds'])}()`,
      () => `Date.UTC(${e('num')}, ${e('num')})`,
      () => `new ${c.pick(['Set', 'Map'])}(${c.pick(['', '[]', '[[1, 2], [1, 3]]'])}).size`,
      () => `new Set(${a()}).size`,
      () => `[${e('num')}, ${e('num')}].length`,
      () => `Object.keys(${e('obj')}).length`,
    );
  }

  str(e, depth) {
    const { c } = this, kind = this.someArray(), s = () => this.receiver('str', e);
    return c.among(
      () => `(${e('str')} + ${e(c.pick(['str', 'num', 'any', 'bool']))})`,
      () => '`' + c.list(1, 3, () => c.pick(['', 'x', '$', '\\`', ' ', '\n', '\\u00e9'])  + '${' + e(c.pick(['str', 'num', 'any', 'bool', 'nums'])) + '}').join('') + '`',
      () => `${s()}.${c.pick(['toUpperCase', 'toLowerCase', 'trim', 'trimStart', 'trimEnd', 'toString', 'normalize', 'toLocaleUpperCase'])}()`,
      () => `${s()}.${c.pick(['slice', 'substring', 'substr'])}(${e('num')}, ${e('num')})`,
      () => `${s()}.${c.pick(['slice', 'substring', 'substr', 'charAt'])}(${e('num')})`,
      () => `${s()}.${c.pick(['padStart', 'padEnd'])}(${c.pick(['3', '8', '0', '5.5'])}, ${e('str')})`,
      () => `${s()}.repeat(${c.pick(['0', '1', '2', '3'])})`,
      () => `${s()}.concat(${e('str')}, ${e('num')})`,
      () => `${s()}.${c.pick(['replace', 'replaceAll'])}(${e('str')}, ${e('str')})`,
      () => `${s()}.replace(${c.pick(REGEXPS)}, ${c.pick(["'[$&]'", "'$1-$2'", "'$`'", "''", "'$$'", "'$<first>'"])})`,
      () => `${s()}.replace(${c.pick(REGEXPS)}, (m, g) => ${this.inside([{ name: 'm', kind: 'str' }], () => this.of('str', Math.min(depth - 1, 1)))})`,
      () => `${s()}[${e('num')}]`,
      () => `${s()}.at(${e('num')})`,
      () => `String(${e('any')})`,
      () => `String.fromCharCode(${e('num')}, 65)`,
      () => `JSON.stringify(${e('any')}${c.pick(['', '', ', null, 1', ", ['id', 'name']", ', (k, v) => (typeof v === "number" ? v + 1 : v)', ', null, "--"'])})`,
      () => `typeof ${this.receiver('any', e)}`,
      () => `${this.receiver('num', e)}.${c.pick(['toString()', 'toString(2)', 'toString(16)', 'toFixed(2)', 'toFixed()', 'toPrecision(3)', 'toExponential(2)', 'toLocaleString()', "toLocaleString('en-US', { minimumFractionDigits: 2 })"])}`,
      () => `${this.receiver(kind, e)}.join(${c.pick(['', "', '", "''", 'null', 'undefined'])})`,
      () => `${this.receiver('obj', e)}.name`,
      () => `${this.receiver('objs', e)}[${e('num')}]?.name`,
      () => `new Date(${c.pick(DATES)}).${c.pick(['toISOString', 'toString', 'toDateString', 'toUTCString', 'toJSON', 'toLocaleDateString', 'toLocaleTimeString', 'toLocaleString'])}()`,
      () => `${c.pick(['encodeURIComponent', 'decodeURIComponent', 'encodeURI', 'escape', 'unescape'])}(${e('str')})`,
      () => `Object.prototype.toString.call(${e('any')})`,
      () => `String.raw\`a\\n\${${e('num')}}\``,
      () => `((s, ...v) => s.raw.join('|') + v)\`x\${${e('num')}}\\t\${${e('str')}}\``,
      () => `[...${s()}].reverse().join('')`,
      () => `Object.keys(${e('any')}).join()`,
      () => `(() => { try { return ${e('str')}; } catch (err) { return String(err.name); } finally { ${e('num')}; } })()`,
      () => `(() => { switch (${e('str')}) { case ${e('str')}: return 'A'; default: return 'D'; } })()`,
      () => `(() => { let t = ''; for (const [k, v] of Object.entries(${e(c.pick(['obj', 'strs']))})) t += k + '=' + v + ';'; return t; })()`,
      () => `(() => { let t = ''; for (const k in ${e('any')}) t += k; return t; })()`,
      () => `${this.receiver('any', e)}?.toString?.()`,
      () => `new Error(${e('str')}).${c.pick(['message', 'name', 'toString()'])}`,
    );
  }

  bool(e, depth) {
    const { c } = this, kind = this.someArray();
    return c.among(
      () => `(${e('num')} ${c.pick(['<', '>', '<=', '>='])} ${e('num')})`,
      () => `(${e('str')} ${c.pick(['<', '>', '==', '===', '!=', '!=='])} ${e('str')})`,
      () => `(${e('any')} ${c.pick(['==', '!=', '===', '!==', '<', '>='])} ${e('any')})`,
      () => `!${this.receiver('any', e)}`,
      () => `(${e('bool')} ${c.pick(['&&', '||'])} ${e('bool')})`,
      () => `(${e('str')} in ${e('obj')})`,
      () => `(${e('any')} instanceof ${c.pick(['Array', 'Object', 'Date', 'Map', 'Error', 'RegExp', 'Function'])})`,
      () => `${this.receiver('str', e)}.${c.pick(['includes', 'startsWith', 'endsWith'])}(${e('str')})`,
      () => `${this.receiver('nums', e)}.includes(${e('num')})`,
      () => `${this.receiver(kind, e)}.${c.pick(['some', 'every'])}(${this.callback(kind, 'bool', depth)})`,
      () => `${c.pick(REGEXPS)}.test(${e('str')})`,
      () => `${c.pick(['Array.isArray', 'isNaN', 'isFinite', 'Number.isInteger', 'Number.isNaN', 'Boolean', 'Number.isSafeInteger'])}(${e('any')})`,
      () => `Object.is(${e('any')}, ${e('any')})`,
      () => `${this.receiver('obj', e)}.hasOwnProperty(${e('str')})`,
      () => `new Set(${e('nums')}).has(${e('num')})`,
      () => `delete ${this.receiver('obj', e)}.${c.pick(['id', 'nope'])}`,
      () => `(typeof ${c.pick(['nope', 's1', 'locals', 'include'])} === ${e('str')})`,
    );
  }

  // Calls that give an array of the same kind.
  same(kind, e, depth) {
    const { c } = this, a = this.receiver(kind, e);
    return c.among(
      () => `${a}.slice(${e('num')})`,
      () => `${a}.slice(${e('num')}, ${e('num')})`,
      () => `${a}.filter(${this.callback(kind, 'bool', depth)})`,
      () => `${a}.concat(${e(kind)})`,
      () => `[...${e(kind)}, ${e(this.element(kind))}]`,
      () => `${a}.${c.pick(['slice().reverse()', 'reverse()', 'slice().sort()', 'flat()'])}`,
      () => `${a}.splice(${c.pick(['0', '1', '-1'])}, ${c.pick(['0', '1', '9'])})`,
      () => `Array.from(${e(kind)})`,
      () => `[${c.list(0, 3, () => e(this.element(kind))).join(', ')}]`,
      () => `[...new Set(${e(kind)})]`,
      () => `[...${a}.values()]`,
      () => `${a}.copyWithin(0, 1)`,
      () => `((...r) => r)(...${e(kind)})`,
      () => `(([, ...tail]) => tail)(${e(kind)})`,
    );
  }

  nums(e, depth) {
    const { c } = this, kind = this.someArray();
    return c.among(
      () => this.same('nums', e, depth),
      () => this.same('nums', e, depth),
      () => `${this.receiver(kind, e)}.map(${this.callback(kind, 'num', depth)})`,
      () => `${this.receiver('nums', e)}.sort((x, y) => x - y)`,
      () => `Array.from({ length: ${c.pick(['0', '2', '3', '"2"'])} }, (_, i) => i)`,
      () => `[...Array(${c.pick(['0', '3'])}).keys()]`,
      () => `new Array(3).fill(${e('num')})`,
      () => `${this.receiver('strs', e)}.map(${c.pick(['Number', 'parseFloat', 's => s.length', 'parseInt'])})`,
      () => `${this.receiver('objs', e)}.flatMap((o) => [o.id, o.price])`,
    );
  }

  strs(e, depth) {
    const { c } = this, kind = this.someArray();
    return c.among(
      () => this.same('strs', e, depth),
      () => this.same('strs', e, depth),
      () => `${this.receiver(kind, e)}.map(${this.callback(kind, 'str', depth)})`,
      () => `${this.receiver('str', e)}.split(${c.pick(["''", "','", "' '", '/[aeiou]/', '/(,)/', "'l', 2", ''])})`,
      () => `(${this.receiver('str', e)}.match(${c.pick(REGEXPS)}) || [])`,
      () => `[...${this.receiver('str', e)}.matchAll(${c.pick(REGEXPS.filter((r) => /\/\w*g/.test(r)))})].map((m) => m[0] + m.index)`,
      () => `Object.keys(${e(c.pick(['obj', 'any']))})`,
      () => `${this.receiver('obj', e)}.tags`,
      () => `${this.receiver('strs', e)}.sort(${c.pick(['', '(x, y) => x.localeCompare(y)', '(x, y) => (x < y ? 1 : -1)', '(x, y) => x.length - y.length'])})`,
      () => `[...${e('str')}]`,
      () => `${this.receiver('nums', e)}.map(String)`,
    );
  }

  objs(e, depth) {
    const { c } = this, kind = this.someArray();
    return c.among(
      () => this.same('objs', e, depth),
      () => this.same('objs', e, depth),
      () => `${this.receiver(kind, e)}.map(${this.callback(kind, 'obj', depth)})`,
      () => `${this.receiver('objs', e)}.sort((x, y) => x.${c.pick(['id', 'price', 'name'])} - y.id)`,
      () => `Object.entries(${e('obj')})`,
      () => `Object.values(${e('obj')})`,
      () => `JSON.parse(JSON.stringify(${e('objs')}))`,
    );
  }

  member(e) {
    const { c } = this, names = this.names.filter((n) => /^[a-z]\w*$/.test(n.name));
    return c.among(
      () => `${c.pick(['id', 'name', 'price', 'x', '"a-b"', '1', 'toString', 'get'])}: ${e(c.pick(['num', 'str', 'any', 'bool']))}`,
      () => `tags: ${e('strs')}`,
      () => (names.length ? c.pick(names).name : 'id: 3'),
      () => `[${e('str')}]: ${e('any')}`,
      () => `...${e(c.pick(['obj', 'any', 'nums']))}`,
      () => `${this.fresh('m')}(a = ${e('num')}) { return a + this.id; }`,
      () => `get g() { return ${e('any')}; }`,
    );
  }

  obj(e) {
    const { c } = this;
    return c.among(
      () => `({ ${c.list(0, 4, () => this.member(e)).join(', ')} })`,
      () => `({ ${c.list(0, 4, () => this.member(e)).join(', ')} })`,
      () => `Object.assign({}, ${e('obj')}, ${e('obj')})`,
      () => `({ ...${e('obj')}, name: ${e('str')} })`,
      () => `${this.receiver('objs', e)}[${c.pick(['0', '1'])}]`,
      () => `${this.receiver('objs', e)}.${c.pick(['find((o) => o.ok)', 'at(-1)', 'find(Boolean)'])}`,
      () => `Object.fromEntries(${this.receiver('strs', e)}.map((s, i) => [s, i]))`,
      () => `JSON.parse(${quote(JSON.stringify({ id: 5, name: c.pick(STRINGS), price: c.pick(NUMBERS), tags: [] }))})`,
      () => `(({ id, ...others }) => others)(${e('obj')})`,
      () => `Object.freeze({ id: ${e('num')} })`,
    );
  }

  any(e) {
    const { c } = this;
    return c.among(
      () => e(c.pick(KINDS.slice(0, 7))),
      () => e(c.pick(KINDS.slice(0, 7))),
      () => e(c.pick(KINDS.slice(0, 7))),
      () => `${this.receiver('obj', e)}.${c.pick(['id', 'nope', 'name', 'extra', 'toString', 'tags', 'constructor.name'])}`,
      () => `${this.receiver('obj', e)}[${e('str')}]`,
      () => `${this.receiver('obj', e)}?.extra?.[0]`,
      () => `${this.receiver('any', e)}.${c.pick(['x', 'length', 'name'])}`,
      () => `${c.pick(['locals', 'locals.item', 'odd'])}${c.pick(['.n1', '["a-b"]', '[0]', '?.x', '.toString'])}`,
      () => `new Map(${c.pick(['[["a", 1]]', 'Object.entries({ k: 2 })'])}).get(${e('str')})`,
      () => `[${c.list(0, 3, () => e('any')).join(', ')}]`,
      () => `[...new Map([[${e('str')}, ${e('num')}]])]`,
      () => `${c.pick(REGEXPS)}.exec(${e('str')})`,
      () => `void ${e('num')}`,
      () => `new Date(${c.pick(DATES)})`,
      () => `(() => { ${c.pick(['throw', 'return'])} ${c.pick(['new TypeError', 'new Error', 'Error', 'new RangeError', 'String'])}(${e('str')}); })()`,
      () => `${e('str')}.nope()`,
    );
  }
}
