// Random data for templates: the names that expressions may use, their kinds,
// and values with all that JSON can hold.
export const STRINGS = ['', 'a', 'Hello', 'hello world', ' pad ', '<b>&"\'</b>', 'O\'Reilly', 'Ünïcødé', '日本語', '😀😃', 'line\nbreak\ttab', 'a,b,,c', '12', '-3.50', '1e3', '0x1F', 'true', 'null', 'aAbBcC', 'straße', 'ıİ', 'e\u0301', '\ud83d', 'x\u0000y', '\\', '$&$1', '2024-03-05', '/a/b?c=d&e=f#g', '%41%zz', 'the quick brown fox', '\u2028', '\ufeffz', '%', '__proto__', 'length'];
export const NUMBERS = [0, 1, 2, 3, -1, -2.75, 0.1, 0.5, 1.5, 2.5, 7, 10, 42, 99.995, 255, 1000000, 1e21, 1e-7, 123456789.125, 2147483647, 2147483648, -2147483648, 4294967295, 9007199254740991, 9007199254740993, 1.7976931348623157e308, 5e-324, 1e300];
const KEYS = ['id', 'name', 'x', 'a-b', '0', '1', '10', '-1', '01', '', ' ', 'length', 'toString', 'valueOf', 'constructor', 'hasOwnProperty', 'é', '😀', 'class', 'then', 'a.b'];

function value(c, depth) {
  return c.among(() => c.pick(STRINGS), () => c.pick(NUMBERS), () => c.pick([true, false, null]), () => (depth ? c.list(0, 3, () => value(c, depth - 1)) : []), () => (depth ? bag(c, depth - 1) : {}));
}

function bag(c, depth) {
  return Object.fromEntries(c.list(0, 4, () => [c.pick(KEYS), value(c, depth)]));
}

const item = (c, i) => ({ id: i, name: c.pick(STRINGS), price: c.pick(NUMBERS), tags: c.list(0, 3, () => c.pick(STRINGS)), ok: c.one(2), ...(c.one(3) && { extra: value(c, 1) }) });

// The kinds: num, str, bool, nums, strs, objs, obj (an item), any.
export const LOCALS = { n1: 'num', n2: 'num', s1: 'str', s2: 'str', b1: 'bool', nums: 'nums', strs: 'strs', objs: 'objs', item: 'obj', odd: 'any', mixed: 'any', nothing: 'any' };

const MAKERS = {
  num: (c) => c.pick(NUMBERS),
  str: (c) => c.pick(STRINGS),
  bool: (c) => c.one(2),
  nums: (c) => c.list(0, 4, () => c.pick(NUMBERS)),
  strs: (c) => c.list(0, 4, () => c.pick(STRINGS)),
  objs: (c) => c.list(0, 3, (i) => item(c, i)),
  obj: (c) => item(c, c.below(9)),
  any: (c) => value(c, 2),
};

// Now and then a name is missing or has a value of another kind.
export function data(c) {
  const all = {};
  for (const [name, kind] of Object.entries(LOCALS)) if (!c.one(40)) all[name] = MAKERS[c.one(40) ? 'any' : kind](c);
  if (c.one(20)) all[c.pick(KEYS)] = value(c, 1);
  return all;
}
