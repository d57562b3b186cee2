import { newestKnownVersion } from "../packages/core/src/pocket-id/versions.ts";
import { compare } from "./drift/compare.ts";
import { fetchDescription, readDescription } from "./drift/description.ts";
import { withoutMistakes } from "./drift/known.ts";
import { ourOperations } from "./drift/ours.ts";
import { report } from "./drift/report.ts";

// Compares upstream's own description of the API with what this suite knows. Ends with 0 if they are the same, 1 if they differ,
// 2 if the description cannot be read.
const [source, ...others] = process.argv.slice(2);
try {
  if (source === undefined || others.length > 0)
    throw new Error("Give a Swagger 2 description, as a file or an address: npm run drift -- swagger.json");
  const described = readDescription(await fetchDescription(source));
  const { differences, corrected } = withoutMistakes(compare(ourOperations(), described));
  console.log(report(differences, corrected, source, newestKnownVersion));
  process.exitCode = differences.length === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
