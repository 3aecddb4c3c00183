/** Ordered failover: the order of the config is the order of the tries. */
export const priority = <T>(eligible: readonly T[]): readonly T[] => eligible
