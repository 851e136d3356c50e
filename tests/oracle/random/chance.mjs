// A seeded source of chance, the same on every machine.
export class Chance {
  constructor(seed) {
    this.state = (seed * 0x9E3779B1) >>> 0;
    for (let i = 0; i < 4; i++) this.next();
  }
  next() {
    this.state = (this.state + 0x6D2B79F5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }
  below(n) {
    return this.next() % n;
  }
  // True once in n.
  one(n) {
    return this.below(n) === 0;
  }
  pick(list) {
    return list[this.below(list.length)];
  }
  // Calls one of the functions.
  among(...makers) {
    return this.pick(makers)();
  }
  list(min, max, make) {
    return Array.from({ length: min + this.below(max - min + 1) }, (_, i) => make(i));
  }
}
