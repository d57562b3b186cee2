/** The modes that there is a logo for. */
export const colorModes = ["light", "dark"] as const;

/** Which of two images: the one for light or for dark mode. */
export type ColorMode = (typeof colorModes)[number];

/** The parameter that picks one of them. Pocket ID takes any word that it does not know for false, which means dark. */
export const inMode = (mode: ColorMode): { light: string } => ({ light: String(mode === "light") });

/** Keeps caches on the way from answering with an image that is gone. */
export const uncached = { skipCache: "true" };
