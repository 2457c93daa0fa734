import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as pinned from '../../../src/core/pinned-math.ts';
import { createRandom } from '../../../src/core/random.ts';
import golden from '../../golden/core/pinned-math.json' with { type: 'json' };

type Name = keyof typeof golden;
const names = Object.keys(golden) as Name[];
const functions: Record<Name, unknown> = { ...pinned };
const view = new DataView(new ArrayBuffer(8));

function fromBits(hex: string): number {
  view.setBigUint64(0, BigInt(`0x${hex}`));
  return view.getFloat64(0);
}

/** Position among all doubles, so that neighbours differ by 1; both zeros are 0. */
function rank(x: number): bigint {
  view.setFloat64(0, Math.abs(x));
  const size = view.getBigUint64(0);
  return x < 0 ? -size : size;
}

function call(name: Name, values: readonly number[]): number {
  return (functions[name] as (...values: number[]) => number)(...values);
}

describe('accuracy against mpmath (golden/core/pinned-math.py, correctly rounded)', () => {
  it.each(names)('%s is at most one double away from the true value, and mostly the nearest', (name) => {
    let exact = 0;
    for (const row of golden[name]) {
      const values = row.slice(0, -1).map(fromBits);
      const expected = fromBits(row.at(-1)!);
      const actual = call(name, values);
      const distance = rank(actual) - rank(expected);
      expect(distance >= -1n && distance <= 1n, `${name}(${values}) = ${actual}, not ${expected}`).toBe(true);
      if (distance === 0n) exact += 1;
    }
    expect(exact / golden[name].length).toBeGreaterThan(0.95);
  });
});

/** Seeded arguments of every size, over the whole domain of a function and beyond its ends. */
function drawArguments(name: Name): number[][] {
  const random = createRandom(`digest of ${name}`);
  const arity = golden[name][0].length - 1;
  const draw = [
    () => random.next() * 4 - 2,
    () => (random.next() - 0.5) * 1500,
    () => {
      view.setUint32(0, random.integer(2 ** 32));
      view.setUint32(4, random.integer(2 ** 32));
      return view.getFloat64(0);
    },
  ];
  return Array.from({ length: 3000 }, (_, row) => Array.from({ length: arity }, () => draw[row % 3]()));
}

describe('bits', () => {
  it('are those recorded on Node 20, x64, for 3,000 arguments of each function', () => {
    const digests = names.map((name) => {
      const results = Float64Array.from(drawArguments(name), (values) => call(name, values));
      const hash = createHash('sha256');
      for (let row = 0; row < results.length; row++) {
        const bytes = Buffer.alloc(8);
        // One NaN for all: its payload and sign are the engine's affair.
        if (!Number.isNaN(results[row])) bytes.writeDoubleBE(results[row]);
        else bytes.fill(0xff);
        hash.update(bytes);
      }
      return `${name} ${hash.digest('hex').slice(0, 16)}`;
    });
    expect(digests).toMatchInlineSnapshot(`
      [
        "acos 44f3c93b55163a69",
        "acosh fd87b6038d417926",
        "asin f7eed1d2589659f0",
        "asinh dbd3c3b1bf30682b",
        "atan a6a1e9c81e375348",
        "atan2 047b561df3186009",
        "atanh 46dfb77def62307b",
        "cbrt 7228554fb87fc8d4",
        "cos abaccf37ffe0efc5",
        "cosh 0cd87ce680d09766",
        "exp f10195328eb55186",
        "expm1 85bdfd5efe2aeb9c",
        "hypot 54a4062a08c29d36",
        "log e3754a253f09e289",
        "log10 4d738e6e21eb59ff",
        "log1p 816557bd22c23ee3",
        "log2 6d3375efafc65ab2",
        "pow 41fafdcf1c6e74f2",
        "sin 5055fbb939e734bb",
        "sinh 8f9c42dd41749e10",
        "tan b96e30723a8f5835",
        "tanh 3f17d931370016e0",
      ]
    `);
  });
});

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe('special cases (ECMA-262, 21.3.2)', () => {
  const values = [nan, 0, -0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, 1.5, inf, -inf, 5e-324, -5e-324, 1e308, -1e308];

  it.each([
    ['exp', 'NaN→NaN 0→1 -0→1 ∞→∞ -∞→0 1000→∞ -1000→0'],
    ['expm1', 'NaN→NaN 0→0 -0→-0 ∞→∞ -∞→-1 1000→∞ -1000→-1'],
    ['log', 'NaN→NaN 1→0 0→-∞ -0→-∞ ∞→∞ -1→NaN -∞→NaN'],
    ['log2', 'NaN→NaN 1→0 -0→-∞ ∞→∞ -1→NaN 8→3 5e-324→-1074'],
    ['log10', 'NaN→NaN 1→0 -0→-∞ ∞→∞ -1→NaN 1e22→22 1000→3'],
    ['log1p', 'NaN→NaN 0→0 -0→-0 -1→-∞ -1.5→NaN ∞→∞ 5e-324→5e-324'],
    ['sin', 'NaN→NaN 0→0 -0→-0 ∞→NaN -∞→NaN -5e-324→-5e-324'],
    ['cos', 'NaN→NaN 0→1 -0→1 ∞→NaN -∞→NaN 5e-324→1'],
    ['tan', 'NaN→NaN 0→0 -0→-0 ∞→NaN -∞→NaN'],
    ['asin', 'NaN→NaN -0→-0 1.1→NaN -1.1→NaN -∞→NaN 1→1.5707963267948966 -1→-1.5707963267948966'],
    ['acos', 'NaN→NaN 1→0 1.1→NaN ∞→NaN -0→1.5707963267948966 -1→3.141592653589793'],
    ['atan', 'NaN→NaN 0→0 -0→-0 ∞→1.5707963267948966 -∞→-1.5707963267948966 1→0.7853981633974483'],
    ['sinh', 'NaN→NaN 0→0 -0→-0 ∞→∞ -∞→-∞ 800→∞ -800→-∞'],
    ['cosh', 'NaN→NaN 0→1 -0→1 ∞→∞ -∞→∞ 800→∞ -800→∞'],
    ['tanh', 'NaN→NaN 0→0 -0→-0 ∞→1 -∞→-1 30→1 -30→-1'],
    ['asinh', 'NaN→NaN 0→0 -0→-0 ∞→∞ -∞→-∞'],
    ['acosh', 'NaN→NaN 1→0 0.9→NaN -2→NaN -∞→NaN ∞→∞'],
    ['atanh', 'NaN→NaN 0→0 -0→-0 1→∞ -1→-∞ 1.1→NaN -1.1→NaN'],
    ['cbrt', 'NaN→NaN 0→0 -0→-0 ∞→∞ -∞→-∞ -27→-3 1e300→1e100'],
  ] as const)('%s: %s', (name, cases) => {
    for (const text of cases.replaceAll('∞', 'Infinity').split(' ')) {
      const [x, expected] = text.split('→').map(Number);
      expect(call(name, [x]), `${name}(${x})`).toBe(expected);
    }
  });

  it('pow and atan2 agree with the engine on all pairs of special values', () => {
    for (const x of values) {
      for (const y of values) {
        const power = pinned.pow(x, y);
        // The engine's own pow is off by an ulp now and then: .5 ** -.5 is 1.414213562373095 on V8.
        if (Number.isFinite(power) && power !== 0) expect(Math.abs(power / x ** y - 1)).toBeLessThan(5e-16);
        else expect(power, `pow(${x}, ${y})`).toBe(x ** y);
        const angle = pinned.atan2(x, y);
        expect(Object.is(angle, -0), `sign of atan2(${x}, ${y})`).toBe(Object.is(Math.atan2(x, y), -0));
        if (Number.isNaN(angle)) expect(Math.atan2(x, y)).toBeNaN();
        else expect(Math.abs(angle - Math.atan2(x, y))).toBeLessThanOrEqual(5e-16);
      }
    }
  });

  it('pow of whole numbers is exact where the result is a double', () => {
    for (let base = -12; base <= 12; base++) {
      let product = 1;
      for (let exponent = 0; Math.abs(product) < 2 ** 53; exponent++) {
        expect(pinned.pow(base, exponent)).toBe(product);
        product *= base;
        if (exponent > 60) break;
      }
    }
    expect(pinned.pow(2, -1074)).toBe(5e-324);
    expect(pinned.pow(2, 1024)).toBe(inf);
    expect(pinned.pow(-2, -1075)).toBe(-0);
  });

  it('hypot takes any number of values, infinities before NaN', () => {
    expect(pinned.hypot()).toBe(0);
    expect(pinned.hypot(-0)).toBe(0);
    expect(pinned.hypot(-3)).toBe(3);
    expect(pinned.hypot(nan, -inf)).toBe(inf);
    expect(pinned.hypot(nan, 1)).toBeNaN();
    expect(pinned.hypot(2, 3, 6)).toBe(7);
    expect(pinned.hypot(1e308, 1e308)).toBe(1.4142135623730951e308);
    expect(pinned.hypot(3 * 2 ** -1070, 4 * 2 ** -1070)).toBe(5 * 2 ** -1070);
  });
});

describe('pinMath', () => {
  /** An object with Math's own functions, so that the test process keeps its Math. */
  function copyOfMath(): Math {
    return Object.create(null, Object.getOwnPropertyDescriptors(Math)) as Math;
  }

  it('replaces every function whose result ECMAScript leaves to the implementation', () => {
    const exact = new Set([
      'abs',
      'ceil',
      'floor',
      'round',
      'trunc',
      'sign',
      'sqrt',
      'fround',
      'f16round',
      'imul',
    ]);
    for (const name of ['clz32', 'max', 'min', 'sumPrecise', 'random']) exact.add(name);
    const target = copyOfMath();
    pinned.pinMath(target);
    for (const name of Object.getOwnPropertyNames(Math) as Exclude<keyof Math, symbol>[]) {
      if (typeof Math[name] !== 'function') continue;
      expect(target[name] === Math[name], name).toBe(exact.has(name));
    }
  });

  it('installs the functions of this module', () => {
    const target = copyOfMath();
    pinned.pinMath(target);
    for (const name of names) {
      for (const values of drawArguments(name).slice(0, 100)) {
        expect((target[name] as (...values: number[]) => number)(...values)).toBe(call(name, values));
      }
    }
  });

  it('converts arguments as Math does', () => {
    const target = copyOfMath();
    pinned.pinMath(target);
    const loose = target as unknown as Record<string, (...values: unknown[]) => number>;
    expect(loose['exp']()).toBeNaN();
    expect(loose['exp'](null)).toBe(1);
    expect(loose['pow']('2', '10')).toBe(1024);
    expect(loose['hypot']('3', [4])).toBe(5);
    expect(() => loose['log'](1n)).toThrow(TypeError);
  });
});
