// Random templates: tags, white space, statements over tags and inside them,
// functions with text, includes.
import { Chance } from './chance.mjs';
import { data, LOCALS, STRINGS } from './data.mjs';
import { Expressions } from './expressions.mjs';

const TEXTS = ['text', ' ', '\n', '\n\n', '  \n  ', '\t', '<p>', '</p>\n', '<a href="#">', '&amp;', '"q"', "'", '\\', '$', '`', '%', '100% ', '<', '>', '{{ }}', '// no comment\n', '/* */', '\r\n', '\r', 'é', '日本', '😀', '\u2028', '\u00a0', ' - ', '-', '_', '<%%', '%%>', '<%% x %%>', '<!-- c -->\n', '--> x\n', 'if (x) {', '</script>', '\u0000', '\ufeff', '\\n', '${x}'];

class Templates {
  constructor(chance, names, tags, options, includes) {
    this.c = chance;
    this.x = new Expressions(chance, names);
    this.tags = tags;
    this.options = options;
    this.includes = includes;
    this.loops = 0;
    this.size = 0;
  }

  e(kind, depth = 1 + this.c.below(3)) {
    return this.x.of(kind, depth);
  }

  open() {
    return this.tags.open + (this.c.one(5) ? '_' : '');
  }
  close() {
    return this.c.pick(['', '', '', '-', '_']) + this.tags.close;
  }
  code(text) {
    const space = () => this.c.pick([' ', ' ', ' ', '', '\n', '  ', '\n\t']);
    const front = space(), back = space();
    const clash = /^[_#=%-]/.test(front + text), bad = /[-_%]$/.test(text + back);
    return `${this.open()}${clash ? ' ' : front}${text}${bad ? ' ' : back}${this.close()}`;
  }
  indent() {
    return this.c.pick(['', '', '\n', '\n  ', '  ', '\t', '\n\t ']);
  }
  text() {
    return this.c.list(1, 3, () => this.c.pick(TEXTS)).join('').replaceAll('<%%', `${this.tags.open}%`.replace('%%', '%%')).replaceAll('%%>', this.tags.literal);
  }
  output() {
    const kind = this.c.pick(['str', 'str', 'num', 'any', 'nums', 'strs', 'bool', 'obj']);
    const sign = this.c.pick(['=', '-']), end = this.c.one(8) ? ';' : '';
    return `${this.tags.open}${sign} ${this.e(kind)}${end} ${this.c.pick(['', '', '', '-', '_'])}${this.tags.close}`;
  }
  comment() {
    return this.c.among(() => `${this.tags.open}# ${this.c.pick(['c', 'a "b', 'if (x) {', 'é\n', '`'])} ${this.close()}`, () => this.code(this.c.pick(['// c\n', '/* c */', '/* a\nb */', '<!-- c\n', ';', ';;', '// x'])));
  }

  // A block's pieces; names declared inside end with it.
  block(depth, count = 1 + this.c.below(3)) {
    return this.x.inside([], () => Array.from({ length: count }, () => this.piece(depth)).join(''));
  }

  piece(depth) {
    const { c } = this;
    if (this.size++ > 60) return 'end';
    const simple = [() => this.text(), () => this.text(), () => this.output(), () => this.output(), () => this.output(), () => this.comment(), () => this.code(this.statement(depth))];
    if (depth <= 0) return this.indent() + c.among(...simple);
    return this.indent() + c.among(...simple, () => this.condition(depth - 1), () => this.loop(depth - 1), () => this.loop(depth - 1), () => this.callback(depth - 1), () => this.guarded(depth - 1), () => this.choice(depth - 1), () => this.routine(depth - 1), () => this.include(), () => this.declaration(), () => this.declaration(), () => this.scope(depth - 1));
  }

  condition(depth) {
    const { c } = this;
    let text = this.code(`if (${this.e('bool')}) {`) + this.block(depth);
    if (c.one(3)) text += this.code(`} else if (${this.e('any')}) {`) + this.block(depth);
    if (c.one(2)) text += this.code('} else {') + this.block(depth);
    return text + this.code('}');
  }

  // Names of a loop or a function, for its body.
  body(names, depth, inLoop = 1) {
    this.loops += inLoop;
    const text = this.x.inside(names, () => this.block(depth) + (inLoop && this.c.one(5) ? this.code(`if (${this.e('bool')}) ${this.c.pick(['break', 'continue'])};`) : '') + (this.c.one(3) ? this.block(depth, 1) : ''));
    this.loops -= inLoop;
    return text;
  }

  loop(depth) {
    const { c } = this;
    if (this.loops >= 3) return this.output();
    const kind = this.x.someArray(), name = this.x.fresh('v'), e = this.x.element(kind), word = c.pick(['const', 'let', 'var']);
    const one = [{ name, kind: e, writable: word !== 'const' }];
    const counter = [{ name, kind: 'num', writable: false }];
    return c.among(
      () => this.code(`for (${word} ${name} of ${this.e(kind)}) {`) + this.body(one, depth) + this.code('}'),
      () => this.code(`for (${word} ${name} in ${this.e(c.pick(['obj', 'any', kind]))}) {`) + this.body([{ name, kind: 'str', writable: false }], depth) + this.code('}'),
      () => this.code(`for (${c.pick(['let', 'var'])} ${name} = 0; ${name} < ${c.pick(['2', '3'])}; ${name}++) {`) + this.body(counter, depth) + this.code('}'),
      () => this.code(`for (let ${name} = 0, f${name} = []; ${name} < 3; ${name}++, f${name}.push(() => ${name})) {`) + this.body(counter, depth) + this.code(`if (${name} == 2) {`) + `${this.tags.open}= f${name}.map((f) => f()) ${this.tags.close}` + this.code('} }'),
      () => this.code(`var ${name} = 0; while (${name}++ < 2) {`) + this.body(counter, depth) + this.code('}'),
      () => this.code(`let ${name} = 2; do {`) + this.body(counter, depth, 0) + this.code(`} while (--${name} > 0)`),
      () => this.code(`for (const [k${name}, ${name}] of Object.entries(${this.e('obj')})) {`) + this.body([{ name: `k${name}`, kind: 'str' }, { name, kind: 'any' }], depth) + this.code('}'),
      () => this.code(`for (const { id, name: ${name} = 'none', tags: [t0] = [] } of ${this.e('objs')}) {`) + this.body([{ name: 'id', kind: 'num' }, { name, kind: 'str' }, { name: 't0', kind: 'str' }], depth) + this.code('}'),
      () => this.code(`L${name}: for (const ${name} of [1, 2, 3]) { for (const w of [1, 2]) {`) + this.body(counter, depth) + this.code(`if (w == ${name}) ${c.pick(['continue', 'break'])} L${name}; } }`),
    );
  }

  // forEach and its like, with text inside.
  callback(depth) {
    const { c } = this;
    if (this.loops >= 3) return this.output();
    const kind = this.x.someArray(), name = this.x.fresh('c'), index = this.x.fresh('i');
    const names = [{ name, kind: this.x.element(kind), writable: true }, { name: index, kind: 'num', writable: true }];
    const head = c.pick([`function (${name}, ${index}) {`, `(${name}, ${index}) => {`, `function f(${name}, ${index} = 0, ...more) {`]);
    const method = c.pick(['forEach', 'forEach', 'forEach', 'map', 'filter', 'some']);
    this.loops++;
    const inside = this.x.inside(names, () => this.block(depth) + (c.one(3) ? this.code(`if (${this.e('bool')}) return ${this.e('any')};`) + this.block(depth) : ''));
    this.loops--;
    return this.code(`${this.x.receiver(kind, (k) => this.e(k))}.${method}(${head}`) + inside + this.code('})');
  }

  guarded(depth) {
    const { c } = this;
    const name = this.x.fresh('err');
    const start = this.code('try {') + this.block(depth) + (c.one(2) ? this.code(`throw ${c.pick(['new Error', 'new TypeError', 'String', 'Object'])}(${this.e('str')})`) : '');
    const rescue = c.one(8) ? '' : this.code(c.one(4) ? '} catch {' : `} catch (${name}) {`) + `${this.tags.open}= typeof ${name} ${this.tags.close}` + this.block(depth) + (c.one(2) ? `${this.tags.open}= typeof ${name} == 'undefined' ? 0 : ${name}?.name ?? ${name} ${this.tags.close}` : '');
    const last = !rescue || c.one(3) ? this.code('} finally {') + this.block(depth) : '';
    return start + rescue + last + this.code('}');
  }

  choice(depth) {
    const { c } = this;
    const kind = c.pick(['num', 'str', 'any']);
    const arms = c.list(0, 2, () => this.code(`${c.pick(['break;', ''])} case ${this.e(kind)}:`) + this.block(depth)).join('');
    return this.code(`switch (${this.e(kind)}) { case ${this.e(kind)}:`) + this.block(depth) + arms + (c.one(2) ? this.code('break; default:') + this.block(depth) : '') + this.code('}');
  }

  scope(depth) {
    return this.code('{') + this.block(depth) + this.code('}');
  }

  // A function with text in it, called at once or later.
  routine(depth) {
    const { c } = this;
    const name = this.x.fresh('fn'), kind = c.pick(['num', 'str', 'objs', 'any']), p = this.x.fresh('q');
    const head = c.pick([`function ${name}(${p}) {`, `const ${name} = (${p}) => {`, `var ${name} = function (${p} = ${this.e(kind)}) {`, `let ${name} = function self(${p}) {`, `const ${name} = function (${p}, ...others) {`]);
    const outer = this.loops;
    this.loops += 2;
    const inside = this.x.inside([{ name: p, kind, writable: true }], () => this.block(depth) + (c.one(2) ? this.code(`return ${this.e('any')};`) : ''));
    this.loops = outer;
    const early = head.startsWith('function') && c.one(3) ? this.code(`${name}(${this.e(kind)})`) : '';
    const calls = c.list(1, 2, () => c.among(() => this.code(`${name}(${this.e(kind)})`), () => `${this.tags.open}- ${name}(${c.one(4) ? '' : this.e(kind)}) ${this.tags.close}`)).join(this.text());
    return early + this.code(head) + inside + this.code('}') + calls;
  }

  include() {
    const { c } = this;
    if (!this.includes.length) return this.output();
    const name = c.pick(this.includes);
    const path = c.pick([`'${name}'`, `"${name}.ejs"`, `'/${name}'`, `'./' + '${name}'`, `\`${name}\``]);
    const extra = c.pick(['', '', ', {}', `, ${this.e('obj')}`, `, { s1: ${this.e('str')}, extra: ${this.e('any')} }`, ', locals']);
    return c.among(() => `${this.tags.open}- include(${path}${extra}) ${this.close()}`, () => `${this.tags.open}- include(${path}${extra}) ${this.close()}`, () => `${this.tags.open}= include(${path}${extra}) ${this.close()}`, () => this.code(`var inc = include(${path}${extra});`) + `${this.tags.open}= inc.length ${this.tags.close}`);
  }

  declare(name, kind, writable) {
    this.x.names.push({ name, kind, writable });
  }

  declaration() {
    const { c } = this;
    const kind = c.pick(['num', 'str', 'nums', 'strs', 'objs', 'obj', 'any', 'bool']), name = this.x.fresh('d'), word = c.pick(['const', 'let', 'var', 'let', 'var']);
    const text = c.among(
      () => `${word} ${name} = ${this.e(kind)}${c.pick([';', '', '\n'])}`,
      () => `${word} ${name} = ${this.e(kind)}; ${this.statement(1)}`,
      () => `${word} [${name} = ${this.e(kind)}] = [${c.pick(['', this.e(kind)])}]`,
      () => `${word} { ${name} = ${this.e(kind)} } = ${this.e('obj')}`,
      () => `${word} { id: [] = [], ${name} = ${this.e(kind)}, ...rest${name} } = {}`,
      () => (this.options.strict ? `var ${name} = ${this.e(kind)}` : `${name} = ${this.e(kind)}`),
      () => `${word === 'const' ? 'let' : word} ${name}; ${name} = ${this.e(kind)}`,
    );
    this.declare(name, kind, word !== 'const');
    return this.code(text);
  }

  // Inside one tag.
  statement(depth) {
    const { c } = this;
    const writable = this.x.names.filter((n) => n.writable && n.kind !== 'any');
    const target = writable.length ? c.pick(writable) : null;
    const print = this.options.outputFunctionName;
    const plain = [
      () => `${this.e('any')};`.replace(/^(?=[{]|function|class|let)/, '0, '),
      () => (target ? `${target.name} = ${this.x.small(target.kind, (k) => this.e(k))};` : ';'),
      () => `locals.${c.pick(['n1', 's1', 'made', 'item'])} = ${this.e('any')};`,
      () => `item.${c.pick(['name', 'id', 'x'])} = ${this.x.small('str', (k) => this.e(k))};`,
      () => `((list) => list.length < 9 && list.push(${this.e('obj')}))(${this.e('objs')});`,
      () => (print ? `${print}(${this.e('str')});` : ';'),
      () => `[${target?.name ?? 'nope'}, ${target?.name ?? 'nope'}] = [${this.e('num')}, ${this.e('num')}];`,
      () => `delete ${c.pick(['locals.s2', 'item.name', 'odd.x', 'nums[0]'])};`,
      () => (c.one(10) ? c.pick(['return;', 'return "early";', 'throw new Error("t")', 'nope;', 'null.x', 'debugger']) : ';'),
    ];
    if (depth <= 0) return c.among(...plain);
    return c.among(...plain, ...plain,
      () => `if (${this.e('any')}) { ${this.statement(depth - 1)} } else { ${this.statement(depth - 1)} }`,
      () => `for (let z = 0; z < 2; z++) { ${this.statement(depth - 1)} }`,
      () => `try { ${this.statement(depth - 1)} } catch (z) { ${target?.kind === 'str' ? `${target.name} = z.name` : ''} }`,
      () => `switch (${this.e('num')}) { case 0: case 1: ${this.statement(depth - 1)} break; default: ${this.statement(depth - 1)} }`,
    );
  }
}

const DELIMITERS = [['<', '%', '>'], ['<', '?', '>'], ['[', '%', ']'], ['{', '%', '}'], ['<<', '$', '>>'], ['<', '@', '>']];

function options(c) {
  const o = {};
  if (c.one(12)) o.rmWhitespace = true;
  if (c.one(25)) o.compileDebug = false;
  if (c.one(20)) o.outputFunctionName = 'print';
  if (c.one(30)) o.destructuredLocals = ['n1', 's1', 'absent'];
  if (c.one(30)) Object.assign(o, { strict: true, localsName: 'locals', destructuredLocals: Object.keys(LOCALS) });
  else if (c.one(40)) Object.assign(o, { _with: false, destructuredLocals: Object.keys(LOCALS) });
  return o;
}

// A case: { files: { name: text }, data, options }; `main` is the page.
export function generate(seed) {
  const c = new Chance(seed), o = options(c);
  const [open, mark, close] = c.one(6) ? c.pick(DELIMITERS) : DELIMITERS[0];
  if (open !== '<') o.openDelimiter = open;
  if (mark !== '%') o.delimiter = mark;
  if (close !== '>') o.closeDelimiter = close;
  const tags = { open: open + mark, close: mark + close, literal: mark + mark + close };
  const names = ['main', 'part', 'sub/deep'].slice(0, 1 + c.below(3)), files = {};
  names.forEach((name, i) => {
    const locals = Object.entries(LOCALS).map(([n, kind]) => ({ name: n, kind, writable: true }));
    const includes = names.slice(i + 1).map((n) => (name.includes('/') ? `../${n}` : n));
    const t = new Templates(c, locals, tags, o, includes);
    files[name] = Array.from({ length: i ? 2 : 3 + c.below(5) }, () => t.piece(i ? 1 : 3)).join('');
  });
  return { seed, files, data: JSON.stringify(data(c)), options: o };
}
export { STRINGS };
