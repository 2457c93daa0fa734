/** A place in a head, millimetres. The head is symmetric, so what counts is the distance from its middle. */
export interface Place {
  /** Distance from the middle plane, not negative. */
  readonly side: number;
  /** To the front. */
  readonly y: number;
  /** Up. */
  readonly z: number;
}

/** One on each side of the head where `side` of its centre is not 0. */
export interface Ellipsoid {
  readonly side: number;
  readonly y: number;
  readonly z: number;
  /** Half axes. */
  readonly radiusSide: number;
  readonly radiusY: number;
  readonly radiusZ: number;
  /** How far it leans outwards per millimetre to the front. */
  readonly lean: number;
  /** How far it slants to the front per millimetre outwards. */
  readonly slant: number;
}

type Three = readonly [side: number, y: number, z: number];

export function ellipsoid(
  centre: Three,
  radius: Three,
  shear: { lean?: number; slant?: number } = {},
): Ellipsoid {
  return {
    side: centre[0],
    y: centre[1],
    z: centre[2],
    radiusSide: radius[0],
    radiusY: radius[1],
    radiusZ: radius[2],
    lean: shear.lean ?? 0,
    slant: shear.slant ?? 0,
  };
}

export function isInside(shape: Ellipsoid, place: Place): boolean {
  const z = (place.z - shape.z) / shape.radiusZ;
  if (z * z >= 1) return false;
  const forwards = place.y - shape.y;
  const outwards = place.side - shape.side;
  const side = (outwards - shape.lean * forwards) / shape.radiusSide;
  const y = (forwards - shape.slant * outwards) / shape.radiusY;
  return side * side + y * y + z * z < 1;
}
