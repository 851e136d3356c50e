// Random changes of the golden templates, and the inputs that input.h reads.
import fs from 'node:fs';
import path from 'node:path';
import { home, load, templates } from '../golden/cases.mjs';

let state = 1n;
export function start(seed) {
  state = BigInt(seed) * 0x9E3779B97F4A7C15n | 1n;
}
function below(n) {
  state ^= state << 13n & 0xFFFFFFFFFFFFFFFFn;
  state ^= state >> 7n;
  state ^= state << 17n & 0xFFFFFFFFFFFFFFFFn;
  return Number((state & 0xFFFFFFFFFFFFFFFFn) % BigInt(n));
}
export const pick = (list) => list[below(list.length)];

const PIECES = ['<%', '%>', '<%=', '<%-', '-%>', '_%>', '<%%', '(', ')', '{', '}', '[', ']', '=>', '...', '?.', '??', '`', '${', '"', "'", '/', '/*', '//', '\\', '\\u{', ';', ',', ':', '0x', '1e999', '.5', 'function', 'class', 'let', 'const', 'var', 'for (', 'of', 'in', 'if', 'else', 'switch', 'case', 'break', 'continue', 'return', 'throw', 'try', 'catch', 'finally', 'new', 'delete', 'typeof', 'void', 'yield', 'await', 'async', 'this', 'super', 'null', 'undefined', 'NaN', 'length', 'constructor', '__proto__', 'prototype', 'locals', 'include(', 'arguments', '\u0000', '\ud83d', '😀', '\u2028', '\r\n', 'é'];

function change(text, others) {
  for (let i = 1 + below(4); i > 0; i--) {
    const from = below(text.length + 1), to = Math.min(text.length, from + 1 + below(12)), other = pick(others);
    const start = below(other.length + 1);
    switch (below(5)) {
      case 0: text = text.slice(0, from) + text.slice(to); break;
      case 1: text = text.slice(0, from) + pick(PIECES) + text.slice(from); break;
      case 2: text = text.slice(0, from) + pick(PIECES) + text.slice(to); break;
      case 3: text = text.slice(0, from) + other.slice(start, start + 1 + below(60)) + text.slice(from); break;
      default: text = text.slice(0, to) + text.slice(from); // a piece twice
    }
  }
  return text.slice(0, 20000);
}

export const originals = templates().map(load).map((c) => ({ ...c, text: fs.readFileSync(path.join(home, c.file), 'utf8') }));
const texts = originals.map((c) => c.text);

export const mutant = () => change(pick(texts), texts);

const BITS = [['strict', 1], ['_with', 2, false], ['rmWhitespace', 4], ['compileDebug', 8, false], ['legacyInclude', 16], ['layouts', 32], ['typed', 64], ['delimiter', 128, '?']];

// A template with options and data as one input of fuzz-render and fuzz-native.
export function input(text, { options, data }) {
  const bits = BITS.filter(([name, , value = true]) => options[name] === value).reduce((sum, [, bit]) => sum | bit, 0);
  return Buffer.concat([Buffer.of(bits), Buffer.from(`${text}\0${data}`)]);
}
