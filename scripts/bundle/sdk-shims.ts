export { default as process } from "node:process";

/** Stands in the place of the SDK's validator. */
export class DefaultJsonSchemaValidator {
  getValidator(): never {
    throw new Error("This server is built without a JSON Schema validator.");
  }
}
