/** How far back health looks: older than this, and it is forgotten. */
export const HEALTH_WINDOW_MS = 300_000
