import type { Section } from "./figure.ts";

export const jobs: Section = async () => [];
