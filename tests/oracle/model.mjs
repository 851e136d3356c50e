// Compares filters and updates with mingo and sift, validation with Mongoose.
//
//   node model.mjs REPLAY [--seed N] [--rounds N] [--verbose]
//
// mingo and sift each have quirks of their own; where they disagree with each
// other a case says nothing and is only counted.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import * as mingo from 'mingo';
import sift from 'sift';
import mongoose from 'mongoose';

const [replay, ...flags] = process.argv.slice(2);
const flag = (name, or) => (flags.includes(name) ? Number(flags[flags.indexOf(name) + 1]) : or);
const seed = flag('--seed', 1), rounds = flag('--rounds', 40);
const verbose = flags.includes('--verbose');

// --- random things -----------------------------------------------------------

let state = seed >>> 0 || 1;
function random(n) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 4294967296) * n);
}
const pick = (list) => list[random(list.length)];
const some = (n, make) => Array.from({ length: random(n + 1) }, make);

const scalar = () => pick([0, 1, 2, 3, -1, 2.5, 10, 'a', 'b', 'ab', 'B', '', '10', true, false, null]);
const key = () => pick(['a', 'b', 'c']);
function value(depth = 2) {
  const what = random(10);
  if (depth > 0 && what === 0) return { [key()]: value(depth - 1) };
  if (depth > 0 && what <= 2) return some(3, () => value(depth - 1));
  return scalar();
}
function document(id) {
  const doc = { id: `d${id}` };
  for (const k of ['a', 'b', 'c']) if (random(4)) doc[k] = value();
  return doc;
}
const path = () => pick(['a', 'b', 'c', 'a', 'b', 'a.b', 'b.c', 'a.0', 'b.1.a', 'a.a', 'id.x']);

function operators(depth) {
  const one = pick([
    () => ({ $eq: value() }), () => ({ $ne: value() }), () => ({ $gt: scalar() }), () => ({ $gte: scalar() }),
    () => ({ $lt: scalar() }), () => ({ $lte: scalar() }), () => ({ $in: some(3, value) }), () => ({ $nin: some(3, value) }),
    () => ({ $exists: pick([true, false]) }), () => ({ $size: random(4) }), () => ({ $all: some(2, scalar) }),
    () => ({ $mod: [pick([2, 3, -2]), pick([0, 1])] }), () => ({ $regex: pick(['^a', 'b$', 'A', '.', '^$']), $options: pick(['', 'i']) }),
    () => ({ $type: pick(['string', 'number', 'bool', 'object', 'array', 'null']) }),
    () => ({ $gt: scalar(), $lt: scalar() }),
    () => ({ $not: operators(0) }),
    () => ({ $elemMatch: pick([() => ({ [key()]: scalar() }), () => ({ $gt: scalar() }), () => ({ $in: some(2, scalar) })])() }),
  ]);
  return depth > 0 && random(4) === 0 ? { $not: one() } : one();
}
function filter(depth = 2) {
  if (depth > 0 && random(4) === 0)
    return { [pick(['$and', '$or', '$nor'])]: [filter(depth - 1), ...some(2, () => filter(depth - 1))] };
  const result = {};
  for (let n = 1 + random(2); n > 0; n--) result[path()] = random(3) ? operators(1) : value();
  return result;
}

const TYPED = {
  n: () => pick([0, 1, 2, 3, -5, 1e6]), r: () => pick([0, 0.5, 2, -2.25, 1e-9]),
  s: () => pick(['', 'a', 'b', 'ab', 'Z', 'é', "o'x", '%%']), b: () => pick([true, false]),
  'o.city': () => pick(['x', 'y']), 'o.no': () => random(3),
};
function typedDocument(id) {
  const doc = { id: `d${id}` };
  for (const k of ['n', 'r', 's', 'b']) if (random(5)) doc[k] = random(6) ? TYPED[k]() : null;
  if (random(3)) doc.o = { ...(random(3) && { city: TYPED['o.city']() }), ...(random(3) && { no: TYPED['o.no']() }) };
  return doc;
}
function typedFilter(depth = 2) {
  if (depth > 0 && random(3) === 0)
    return { [pick(['$and', '$or', '$nor'])]: [typedFilter(depth - 1), ...some(2, () => typedFilter(depth - 1))] };
  const result = {};
  for (let n = 1 + random(2); n > 0; n--) {
    const field = pick(Object.keys(TYPED));
    const v = () => (random(8) ? TYPED[field]() : null);
    const plain = TYPED[field];
    const one = pick([() => v(), () => ({ $ne: v() }), () => ({ $gt: plain() }), () => ({ $gte: plain() }), () => ({ $lt: plain() }),
      () => ({ $lte: plain() }), () => ({ $in: some(3, v) }), () => ({ $nin: some(3, v) }), () => ({ $exists: pick([true, false]) }),
      () => ({ $not: { $gt: plain() } }), () => ({ $not: { $in: some(2, v) } })]);
    result[field] = one();
  }
  return result;
}

// --- our side ----------------------------------------------------------------

const child = spawn(replay, { stdio: ['pipe', 'pipe', 'inherit'] });
const waiting = [];
createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()(JSON.parse(line)));
child.on('exit', (code, signal) => {
  if (waiting.length || code) { console.log(`${replay} ended: ${signal ?? code}`); process.exit(1); }
});
function ask(message) {
  child.stdin.write(JSON.stringify(message) + '\n');
  return new Promise((resolve) => waiting.push(resolve));
}
const format = (object) => JSON.stringify(object).replaceAll('%', '%%');

let wrong = 0, cases = 0, unclear = 0;
function complain(what, details) {
  if (++wrong <= (verbose ? 1000 : 10)) console.log(what, JSON.stringify(details));
}

// --- filters -----------------------------------------------------------------

const quiet = (f) => { try { return f(); } catch { return null; } };

async function compareFilter(docs, query) {
  const ours = await ask({ find: format(query) });
  if (ours.error) return complain('refused:', { query, error: ours.error });
  if (ours.count !== ours.ids.length) complain('count:', { query, ...ours });
  const inMingo = quiet(() => { const q = new mingo.Query(query); return docs.map((d) => q.test(d)); });
  const inSift = quiet(() => docs.map(sift(query)));
  docs.forEach((doc, i) => {
    if (!inMingo || !inSift || inMingo[i] !== inSift[i]) return void unclear++;
    cases++;
    if (ours.ids.includes(doc.id) !== inMingo[i] && !known(query, doc)) complain('filter:', { query, doc, expected: inMingo[i] });
  });
}

const nested = /\[([^\[\]]*,)?\[/;

// Where both libraries differ from MongoDB's manual, and we follow the manual.
const KNOWN = [
  // $elemMatch with members is about documents: a plain element has none.
  (q) => /\$elemMatch":\{"[abc]"/.test(q),
  // $mod is about numbers; JavaScript's % also takes texts and booleans.
  (q, doc) => /\$mod/.test(q) && /"|true|false|null|\.5/.test(doc),
  // Null by a dotted path: any element that lacks the member counts, and an
  // array without documents does not.
  (q) => /null/.test(q) && /"\w+\.[^"]*":/.test(q),
  // An array within an array is a value and is not searched in its turn.
  (q, doc) => nested.test(doc),
  // No value at all is among none: $all: [] matches nothing.
  (q) => /\$all":\[\]/.test(q),
];
function known(query, { id, ...doc }) {
  const is = KNOWN.some((test) => test(JSON.stringify(query), JSON.stringify(doc)));
  if (is) { unclear++; cases--; }
  return is;
}

async function filters() {
  for (let round = 0; round < rounds; round++) {
    const docs = Array.from({ length: 12 }, (_, i) => document(i));
    await ask({ model: 'loose', docs });
    for (let i = 0; i < 40; i++) await compareFilter(docs, filter());
    const typed = Array.from({ length: 12 }, (_, i) => typedDocument(i));
    await ask({ model: 'typed', docs: typed });
    for (let i = 0; i < 40; i++) await compareFilter(typed, typedFilter());
  }
}

// --- sorting -----------------------------------------------------------------

async function sorts() {
  for (let round = 0; round < rounds * 4; round++) {
    const typed = round % 2;
    const docs = Array.from({ length: 10 }, (_, i) => (typed ? typedDocument(i) : { id: `d${i}`, a: scalar(), b: scalar() }));
    await ask({ model: typed ? 'typed' : 'loose', docs });
    const [x, y] = typed ? [pick(['n', 'r', 's', 'b']), 'n'] : ['a', 'b'];
    const [dx, dy] = [pick([1, -1]), pick([1, -1])];
    const ours = await ask({ find: '{}', sort: `${dx < 0 ? '-' : ''}${x} ${x === y ? '' : (dy < 0 ? '-' : '') + y}` });
    const theirs = mingo.find(docs, {}).sort({ [x]: dx, [y]: x === y ? dx : dy }).all().map((d) => d.id);
    cases++;
    if (String(ours.ids) !== String(theirs)) complain('sort:', { x, dx, y, dy, docs, ours: ours.ids, theirs });
  }
}

// --- updates -----------------------------------------------------------------

function update() {
  const p = () => pick(['a', 'b', 'c', 'a.b', 'b.c.a']);
  const number = () => pick([1, -2, 2.5, 10]);
  const each = () => ({ $each: some(3, scalar), ...(random(3) === 0 && { $position: random(3) }), ...(random(3) === 0 && { $sort: pick([1, -1]) }), ...(random(3) === 0 && { $slice: random(5) - 2 }) });
  const make = {
    $set: () => value(), $unset: () => 1, $inc: number, $mul: number, $min: scalar, $max: scalar,
    $push: () => (random(2) ? value() : each()), $addToSet: () => (random(2) ? value() : { $each: some(3, value) }),
    $pull: () => (random(2) ? scalar() : pick([{ $gt: number() }, { $in: some(2, scalar) }])), $pop: () => pick([1, -1]), $pullAll: () => some(2, scalar),
    $rename: () => pick(['d', 'e']),
  };
  const result = {};
  const paths = new Set();
  for (let n = 1 + random(2); n > 0; n--) {
    const name = pick(Object.keys(make)), at = p();
    if ([...paths].some((q) => q.startsWith(at) || at.startsWith(q))) continue;
    paths.add(at);
    (result[name] ??= {})[at] = make[name]();
  }
  if (result.$rename && Object.keys(result.$rename).length > 1) delete result.$rename;
  return Object.keys(result).length ? result : { $set: { a: 1 } };
}

const sorted = (x) => (Array.isArray(x) ? x.map(sorted) : x && typeof x === 'object'
  ? Object.fromEntries(Object.keys(x).sort().map((k) => [k, sorted(x[k])])) : x);
const same = (x, y) => JSON.stringify(sorted(x)) === JSON.stringify(sorted(y));

// Where mingo leaves MongoDB's manual: it compares arrays with other kinds by
// their elements, forgets $each's rules when it makes the array, and confuses
// [2] with 2 and repetitions with $addToSet, also beside other operators.
function quirky(change, doc) {
  const text = JSON.stringify(change);
  return Object.keys({ ...change.$min, ...change.$max }).some((p) => doc[p[0]] && typeof doc[p[0]] === 'object')
    || /\$slice|\$position|\$sort/.test(text) && !Object.keys(change.$push).every((p) => Array.isArray(doc[p]))
    || /\$pullAll/.test(text) || /\$addToSet.*\$each/.test(text) || nested.test(JSON.stringify(doc))
    || (change.$addToSet && (Object.keys(change).length > 1
      || Object.keys(change.$addToSet).some((p) => Array.isArray(doc[p]) && new Set(doc[p].map((x) => JSON.stringify(x))).size < doc[p].length)));
}

async function updates() {
  for (let i = 0; i < rounds * 40; i++) {
    const doc = document(1), change = update();
    const expected = quiet(() => { const copy = structuredClone(doc); mingo.update(copy, structuredClone(change)); return copy; });
    const ours = await ask({ update: format(change), doc });
    if (!expected || ours.error || quirky(change, doc)) { unclear++; continue; } // what is refused differs
    cases++;
    if (!same(ours.doc, expected)) complain('update:', { doc, change, ours: ours.doc, expected });
  }
}

// --- validation ----------------------------------------------------------------

const { Schema } = mongoose;
// ORDER post: tests/model/replay.c has the same schema.
const Post = mongoose.model('Post', new Schema({
  title: { type: String, required: true, minlength: 3, maxlength: 5, match: /^[a-z]+$/, trim: true },
  views: { type: Number, min: 0, max: 10 }, kind: { type: String, enum: ['a', 'b'] },
  shown: { type: Boolean, required: true }, at: Date, author: { type: Schema.Types.ObjectId },
  tags: [String], marks: [Number],
  address: new Schema({ city: { type: String, required: true } }, { _id: false }),
  comments: [new Schema({ body: { type: String, required: true }, n: { type: Number, max: 5 } }, { _id: false })],
}, { _id: false }));

function post() {
  const make = {
    title: () => pick(['abc', ' abcd ', 'ab', 'abcdef', 'ABC', '', null, 5, 12345, true, { a: 1 }, ['x'], 'äbc']),
    views: () => pick([0, 5, -1, 11, 2.5, '7', ' 8 ', 'x', '', true, null, [1], { a: 1 }]),
    kind: () => pick(['a', 'b', 'c', '', null, 1]), shown: () => pick([true, false, 'yes', 'no', '1', 0, 1, 'maybe', 2, null, 'false']),
    at: () => pick(['2026-11-21', '2026-11-21T08:30:00Z', '2026-11-21T08:30:00.5+01:00', 0, 1e12, 'soon', '', null, {}]),
    author: () => pick(['507f1f77bcf86cd799439011', 'no way', null, [1]]),
    tags: () => pick([[], ['a', 'b'], 'a', [1, true], null, ['a', null]]), marks: () => pick([[1, 2], ['3'], 4, []]),
    address: () => pick([{ city: 'x' }, {}, null, { city: '' }, { city: 'x', zip: 1 }]),
    comments: () => pick([[], [{ body: 'x' }], [{}], [{ body: 'x', n: 9 }, { n: 'q', body: 'y' }], { body: 'one' }]),
  };
  const doc = {};
  for (const k of Object.keys(make)) if (random(3)) doc[k] = make[k]();
  return doc;
}

// "because of ..." names a JavaScript error, which we do not have.
const essence = (text) => text.replace(/ because of "\w+"$/, '');

async function validations() {
  process.removeAllListeners('warning').on('warning', () => {});
  for (let i = 0; i < rounds * 40; i++) {
    const doc = post();
    const theirs = new Post(doc);
    const errors = theirs.validateSync()?.errors ?? {};
    const ours = await ask({ validate: doc });
    const problems = Object.fromEntries(Object.entries(errors).map(([k, e]) => [k, { kind: e.kind, message: essence(e.message) }]));
    cases++;
    if (!same(ours.problems, problems)) complain('problems:', { doc, ours: ours.problems, theirs: problems });
    else if (!Object.keys(problems).length && !same(ours.doc, JSON.parse(JSON.stringify(theirs))))
      complain('cast:', { doc, ours: ours.doc, theirs });
  }
}

await filters();
await sorts();
await updates();
await validations();
child.stdin.end();
console.log(`${cases} cases compared, ${wrong} wrong; ${unclear} said nothing (seed ${seed})`);
process.exitCode = wrong ? 1 : 0;
