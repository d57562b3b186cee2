import { fileTooLarge, invalidRequestBody, missingFile } from "../refusals.ts";
import type { Call } from "./call.ts";

export interface UploadedFile {
  readonly field: string;
  readonly fileName: string;
  readonly bytes: Buffer;
}

export interface Form {
  readonly fields: Readonly<Record<string, string>>;
  readonly files: readonly UploadedFile[];
}

/** The file in the form field `file`. */
export function uploadedFile(call: Call): UploadedFile {
  const form = parseMultipart(call.headers["content-type"], call.body);
  // Pocket ID <= 2.12 answered 500 to both, which is what these two refusals say there.
  if (form === undefined) throw invalidRequestBody();
  const file = form.files.find(({ field }) => field === "file");
  if (file === undefined) throw missingFile();
  return file;
}

const TWO_MEBIBYTES = 2 * 1024 * 1024;

/** Client logos: the whole request may have 2 MiB, so the file has to be a little smaller. */
export function uploadedLogo(call: Call): UploadedFile {
  const unreadable = parseMultipart(call.headers["content-type"], call.body) === undefined;
  // Pocket ID <= 2.12: a body that is no form at all is "too large" as well.
  if (call.body.length > TWO_MEBIBYTES || (unreadable && !call.has("structuredErrors"))) throw fileTooLarge("2.00 MB");
  return uploadedFile(call);
}

export function parseMultipart(contentType: string | undefined, body: Buffer): Form | undefined {
  const [, quoted, plain] =
    /^multipart\/form-data\s*;.*?boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType ?? "") ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return undefined;
  const parts = partsOf(body, Buffer.from(`--${boundary}`));
  if (parts === undefined) return undefined;
  const fields: Record<string, string> = {};
  const files: UploadedFile[] = [];
  for (const { head, bytes } of parts) {
    const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(head)?.[1] ?? "";
    const field = parameter(disposition, "name") ?? "";
    const fileName = parameter(disposition, "filename");
    if (fileName === undefined) fields[field] = bytes.toString("utf8");
    else files.push({ field, fileName: fileName.split(/[/\\]/).at(-1) ?? "", bytes });
  }
  return { fields, files };
}

function partsOf(body: Buffer, delimiter: Buffer): { head: string; bytes: Buffer }[] | undefined {
  const parts: { head: string; bytes: Buffer }[] = [];
  let at = body.indexOf(delimiter);
  while (at >= 0) {
    const start = at + delimiter.length;
    if (body.subarray(start, start + 2).toString() === "--") return parts;
    const next = body.indexOf(delimiter, start);
    const headEnd = body.indexOf("\r\n\r\n", start);
    if (next < 0 || headEnd < 0 || headEnd > next) return undefined;
    parts.push({
      head: body.subarray(start + 2, headEnd).toString("utf8"),
      bytes: body.subarray(headEnd + 4, next - 2),
    });
    at = next;
  }
  return undefined;
}

function parameter(disposition: string, name: string): string | undefined {
  const [, quoted, plain] =
    new RegExp(`(?:^|;)\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]+))`, "i").exec(disposition) ?? [];
  return quoted?.replace(/\\(.)/g, "$1") ?? plain;
}
