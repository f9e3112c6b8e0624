// Areas of a dwelling mask as values: read from text, written as text, moved. In thousandths of the picture.

export type Point = readonly [number, number];
export type Shape = readonly Point[];

export const WHOLE = 1_000;
const LEAST = 10; // no rectangle is thinner

/** The areas that a text says, one a line, in hundredths; nothing where a line cannot be read. */
export function parse(text: string): Shape[] | undefined {
  const shapes: Shape[] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const numbers = line.replaceAll(",", " ").trim().split(/\s+/).map((one) => Math.round(Number(one) * 10));
    const wrong = numbers.some((one) => Number.isNaN(one) || one < 0 || one > WHOLE);
    if (wrong || numbers.length < 4 || numbers.length % 2 !== 0) return undefined;
    shapes.push(numbers.length === 4 ? rectangle(at(numbers, 0), at(numbers, 1)) : pairs(numbers));
  }
  return shapes;
}

/** The same text as the page writes it. */
export function format(shapes: readonly Shape[]): string {
  const line = (shape: Shape): string => (isRectangle(shape) ? [shape[0], shape[2]] : shape).flat().map(hundredths).join(" ");
  return shapes.map(line).join("\n");
}

/** A value in hundredths, as it is typed. */
export function hundredths(value: number | undefined): string {
  return String((value ?? 0) / 10);
}

/** The rectangle with these opposite corners. */
export function rectangle(a: Point, b: Point): Shape {
  const [left, right] = [Math.min(a[0], b[0]), Math.max(a[0], b[0])];
  const [top, bottom] = [Math.min(a[1], b[1]), Math.max(a[1], b[1])];
  return [[left, top], [right, top], [right, bottom], [left, bottom]];
}

/** Whether it has four upright sides, as `rectangle` makes them. */
export function isRectangle(shape: Shape): boolean {
  const [a, b, c, d] = shape;
  if (shape.length !== 4 || !a || !b || !c || !d) return false;
  return a[0] === d[0] && b[0] === c[0] && a[1] === b[1] && c[1] === d[1] && a[0] < b[0] && a[1] < d[1];
}

/** The whole area, moved as far as it stays in the picture. */
export function moved(shape: Shape, dx: number, dy: number): Shape {
  const [xs, ys] = [shape.map((one) => one[0]), shape.map((one) => one[1])];
  const x = Math.max(-Math.min(...xs), Math.min(WHOLE - Math.max(...xs), Math.round(dx)));
  const y = Math.max(-Math.min(...ys), Math.min(WHOLE - Math.max(...ys), Math.round(dy)));
  return shape.map((one): Point => [one[0] + x, one[1] + y]);
}

/** One corner elsewhere; a rectangle stays one. */
export function withCorner(shape: Shape, n: number, to: Point): Shape {
  const [x, y] = inside(to);
  const before = shape[n];
  if (before === undefined) return shape;
  if (!isRectangle(shape)) return shape.map((one, m) => (m === n ? [x, y] : one));
  const other = shape[(n + 2) % 4] ?? before;
  const apart = (value: number, far: number, was: number): number =>
    was < far ? Math.min(value, far - LEAST) : Math.max(value, far + LEAST);
  return rectangle([apart(x, other[0], before[0]), apart(y, other[1], before[1])], other);
}

/** One corner more, half-way to the next. */
export function split(shape: Shape, n: number): Shape {
  const [a, b] = [shape[n], shape[(n + 1) % shape.length]];
  if (!a || !b) return shape;
  const middle: Point = [Math.round((a[0] + b[0]) / 2), Math.round((a[1] + b[1]) / 2)];
  return [...shape.slice(0, n + 1), middle, ...shape.slice(n + 1)];
}

/** One corner fewer; three stay. */
export function without(shape: Shape, n: number): Shape {
  return shape.length > 3 ? shape.filter((_, m) => m !== n) : shape;
}

/** The middle of the corners: where its number stands. */
export function middle(shape: Shape): Point {
  const sum = shape.reduce<Point>((all, one) => [all[0] + one[0], all[1] + one[1]], [0, 0]);
  return [sum[0] / shape.length, sum[1] / shape.length];
}

/** The nearest point of the picture. */
export function inside(point: Point): Point {
  const clamp = (value: number): number => Math.min(WHOLE, Math.max(0, Math.round(value)));
  return [clamp(point[0]), clamp(point[1])];
}

function at(numbers: readonly number[], n: number): Point {
  return [numbers[2 * n] ?? 0, numbers[2 * n + 1] ?? 0];
}

function pairs(numbers: readonly number[]): Shape {
  return Array.from({ length: numbers.length / 2 }, (_, n) => at(numbers, n));
}
