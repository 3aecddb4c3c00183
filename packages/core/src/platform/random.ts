/** A source of random numbers in [0, 1), like `Math.random`. The one source of chance in a gateway. */
export type Random = () => number
